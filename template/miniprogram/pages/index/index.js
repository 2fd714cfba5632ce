const { createCustomerService } = require('../../kefu-client');

const service = createCustomerService();

Page({
  data: { said: '' },
  async remind() {
    const result = await service.sendText('您的订单已发货 📦');
    this.setData({ said: result.ok ? '已发送，请查看客服消息' : result.errMsg });
  },
});
