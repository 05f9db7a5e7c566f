// All that the page says, in both languages.
const EN = 0;
const ZH = 1;
const WORDS = {
  token: ["Operator's token", '管理员口令'], log_in: ['Log in', '登录'], log_out: ['Log out', '退出'], other_language: ['中文', 'English'],
  nav: ['Parts of the desk', '功能'], live: ['Live', '实时'], users: ['Users', '用户'], reports: ['Reports', '举报'], bans: ['Bans', '封禁'],
  draws: ['Lucky draws', '抽奖'], words: ['Word list', '词库'], audit: ['Audit', '操作记录'], server: ['Server', '服务器'],
  none: ['Nothing.', '暂无'], yes: ['yes', '是'], no: ['No', '否'], done: ['Done.', '已完成'], more: ['More', '更多'], search: ['Search', '搜索'],
  starting: ['starting', '启动中'], ready: ['ready', '正常'], draining: ['draining', '正在下线'], lost: ['no connection', '连接中断'],
  sessions: ['sessions', '会话'], joined: ['joined', '已加入'], talks: ['talks', '对话'], joins: ['joins/s', '加入/秒'], matches: ['matches/s', '匹配/秒'],
  lines: ['lines/s', '消息/秒'], requests: ['HTTP requests/s', 'HTTP 请求/秒'], relay_p99: ['relay p99', '转发 p99'], slow_consumers: ['slow consumers', '慢连接'],
  outbox: ['outboxes', '待发数据'], store_waiting: ['store queue', '存储队列'], uptime: ['up for', '运行时间'],
  chart_flow: ['Lines and matches a second', '每秒消息与匹配'], chart_people: ['Sessions, joined, talks', '会话、已加入、对话'], chart_relay: ['Relay time', '转发耗时'],
  chart_match_wait: ['Wait for a match (slowest pair)', '匹配等待（最慢队列）'], chart_waiting: ['Waiting slots', '等待人数'], chart_store_took: ['Store latency (slowest op)', '存储延迟（最慢操作）'],
  table_waiting: ['Waiting, and how long the matched waited', '等待队列与匹配等待'], table_cores: ['Cores', '核心'], table_relay: ['Relay, last minute', '最近一分钟转发'],
  table_store: ['Store', '存储'], table_errors: ['Errors', '错误'], table_sms: ['SMS', '短信'],
  pair: ['pair', '配对'], slots: ['waiting', '等待'], oldest: ['oldest', '最久'], p50: ['p50', 'p50'], p90: ['p90', 'p90'], p99: ['p99', 'p99'], p999: ['p99.9', 'p99.9'],
  core: ['core', '核心'], share: ['balance', '均衡'], frames: ['frames/s', '帧/秒'], exhausted: ['out of buffers', '缓冲耗尽'], count: ['count', '次数'],
  op: ['operation', '操作'], total: ['total', '总数'], error: ['error', '错误'], a_second: ['a second', '每秒'], gateway: ['gateway', '网关'], result: ['result', '结果'],
  user_q: ['Id, number or nickname begins with', '以此开头的 ID、手机号或昵称'], this_id: ['Look at this id', '查看该 ID'], found: ['Found', '搜索结果'], user: ['User', '用户'],
  id: ['id', 'ID'], nickname: ['nickname', '昵称'], number: ['number', '手机号'], gender: ['gender', '性别'], birthday: ['birthday', '生日'], location: ['location', '所在地'],
  saying: ['words', '签名'], registered: ['registered', '注册'], ban: ['banned until', '封禁至'], free_id: ['no (free id)', '未注册'], online: ['online', '在线'],
  in_chat: ['In the chat', '聊天中'], looks: ['is, looks for', '性别与寻找'], waiting_since: ['waiting since', '等待自'], talk_with: ['talks with', '对话对象'], since: ['since', '自'], until: ['until', '至'],
  hour: ['an hour', '一小时'], day: ['a day', '一天'], week: ['a week', '一周'], month: ['30 days', '30 天'], for_good: ['for good', '永久'],
  ban_what: ['ban the', '封禁'], ban_for: ['for', '时长'], reason: ['reason', '原因'], do_ban: ['Ban', '封禁'], kick: ['Kick', '踢下线'], unban: ['Unban', '解封'], lifted: ['lifted', '已解封'],
  banned: ['$ is banned.', '已封禁 $'], unbanned: ['$ is not banned any more.', '已解封 $'], kicked: ['$ is kicked.', '已将 $ 踢下线'], sure_kick: ['End the chat session of $?', '结束 $ 的聊天会话？'],
  whom: ['about', '对象'], by: ['by', '举报人'], by_list: ['by the word list', '词库命中'], time: ['time', '时间'], kind: ['what', '类型'], outcome: ['outcome', '处理结果'],
  kind_user: ['User', '用户'], kind_picture: ['Picture', '图片'], kind_comment: ['Comment', '评论'], kind_talk: ['Talk', '对话'],
  show: ['show', '显示'], open: ['open', '进行中'], resolved: ['resolved', '已处理'], all: ['all', '全部'], resolve: ['Resolve', '处理完毕'], remove: ['Remove', '删除'],
  sure_picture: ['Remove picture $?', '删除图片 $？'], sure_comment: ['Remove comment $, and the answers to it?', '删除评论 $ 及其回复？'],
  new_draw: ['New draw', '新建抽奖'], name: ['name', '名称'], max_count: ['tickets', '人数'], rule: ['rule', '规则'], image: ['image (address)', '图片地址'], desc: ['description', '说明'],
  auto_close: ['close when full', '满员自动截止'], create: ['Create', '创建'], close: ['Close', '截止'], closed: ['closed', '已截止'], drawn: ['drawn', '已开奖'], draw: ['Draw', '开奖'],
  tickets: ['Tickets', '名单'], winner: ['winner', '中奖'], numbers: ['five numbers of the lottery, 1 to 39', '彩票号码（五个，1 至 39）'],
  winnable: ['Done. Tickets that can win: $', '已完成。可中奖比例：$'], sure_close: ['Close $? Its tickets stay as they are from then on.', '截止 $？之后名单不再变动。'], sure_draw: ['Decide $? This cannot be taken back.', '以此开奖 $？无法撤销。'],
  past_too: ['also those that are over', '包括已结束的'], word: ['word', '词'], action: ['action', '操作'], mask: ['mask', '遮盖'], refuse: ['refuse', '拒绝'], flag: ['flag', '标记'], add: ['Add', '添加'],
  talk_too: ['Talks are looked through as well.', '也检查聊天内容。'], talk_not: ['Talks are not looked through.', '不检查聊天内容。'],
  who: ['who', '操作者'], address: ['address', '地址'], about: ['about', '对象'], detail: ['detail', '详情'],
  drain: ['Drain the server', '服务器下线'], about_drain: ['Everybody is told that the server goes down, what is queued is flushed, and the process ends.', '通知所有人服务器即将关闭，发送完排队数据后进程退出。'],
  sure_drain: ['Really take the server down? All sessions end.', '确定让服务器下线？所有会话都会结束。'],
};

const chosen = localStorage.getItem('language') ?? navigator.language;
const which = chosen.toLowerCase().startsWith('zh') ? ZH : EN;

/** A language tag, for whoever writes numbers or answers. */
export const language = which === ZH ? 'zh-CN' : 'en';

/** A text; `$` in it is `about`. */
export const t = (key, about = '') => WORDS[key][which].replace('$', () => about);

/** The other one from now on. */
export function switchLanguage() {
  localStorage.setItem('language', which === ZH ? 'en' : 'zh');
  location.reload();
}
