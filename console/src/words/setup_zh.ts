// Words of the page that sets tools up, in Chinese.
import type { setupEn } from "./setup_en";

export const setupZh: Record<keyof typeof setupEn, string> = {
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
  "settings.noMail": "这台服务器不发送邮件。",
  "settings.secretOnce": "用于签名 webhook 消息的密钥，只显示一次：",
};
