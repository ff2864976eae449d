// 登录、注册、忘记密码与确认邮箱。
import type { words as english } from "../en/signing";

export const words: Record<keyof typeof english, string> = {
  "sign.email": "邮箱",
  "sign.password": "密码",
  "sign.passwordAbout": "至少 10 个字符。",
  "sign.see": "显示密码",
  "sign.name": "姓名",
  "sign.or": "或",
  "sign.invitation": "邀请码",
  "signIn.title": "登录",
  "signIn.passkey": "使用通行密钥",
  "signIn.with": "使用 {name} 登录",
  "signIn.none": "还没有账户？",
  "signUp.title": "注册",
  "signUp.have": "已有账户",
  "signUp.closed": "注册未开放",
  "signUp.closedText": "此处的账户由运营方开设，请与其联系。",
  "forgotten.title": "忘记密码？",
  "forgotten.noMail": "本服务器不发送邮件，请向运营方索取链接。",
  "forgotten.sent": "若该邮箱已注册，重置链接已发出。",
  "forgotten.ask": "发送链接",
  "reset.title": "设置密码",
  "reset.do": "设置",
  "verify.title": "确认邮箱",
  "verify.done": "邮箱已确认。",
  "verify.do": "确认",
};
