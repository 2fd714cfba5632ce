// 您的通知：什么业务发什么订阅消息或模板消息。每一行用 kefu-cloud/notices 的 notice() 写成。
// Your notices: which template or subscribe message tells what. Each row is a notice() of kefu-cloud/notices.
/** @type {import('kefu-cloud/notices').Notices} */
const notices = {};

module.exports = { notices };
