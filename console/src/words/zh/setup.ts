// 工具设置页。
import type { words as english } from "../en/setup";

export const words: Record<keyof typeof english, string> = {
  "setup.title": "工具设置",
  "setup.about": "只需更改地址和密钥，其余不变。",
  "setup.key": "密钥",
  "setup.tool": "工具",
  "setup.file": "写入 {file}",
  "setup.command": "或由命令写入：",
  "setup.toolsOwn": "工具自己的模型",
  "setup.api": "使用的 API",
  "setup.baseUrl": "Base URL",
  "setup.byHand": "在 {tool} 的设置里，添加一个 OpenAI 兼容的自定义提供方：",
  "setup.spoken.chat": "Chat Completions",
  "setup.spoken.responses": "Responses",
  "setup.spoken.messages": "Messages（Anthropic）",
  "setup.spoken.google": "Gemini API",
  "setup.note.ready": "填入您的密钥，启动工具即可，请求会经过网关。",
  "setup.note.shell": "填入您的密钥，随后在启动工具的终端里执行：. {file}",
  "setup.note.run": "填入您的密钥，随后执行一次：sh {file}",
  "setup.note.import": "填入您的密钥，然后在 Roo Code 的设置里导入 {file}，或在 VS Code 的 roo-cline.autoImportSettingsPath 中指定它。",
};
