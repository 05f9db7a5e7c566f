//! The one table of keys. Each row names a key, its type, its default, what it
//! may be and, as its doc comment, what it means. The structs, the reader and
//! the listing are all made out of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::kind::list::{Codes, Countries, Gateways, Networks};
use super::kind::number::{OrZero, PowerOfTwo, Within};
use super::kind::text::{
    Address, CONGESTION, COUNTRY, Directory, FILTER, Hidden, LINE, OrEmpty, URL, Zone,
};
use super::kind::{Flag, Kind};
use super::table::Row;
use super::value::{Gateway, Network, Secret};
use crate::limits;

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
const MONTH: Duration = Duration::from_secs(30 * 86_400);
const DECADE: Duration = Duration::from_secs(3_650 * 86_400);
const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
const GIB: usize = 1 << 30;
const MANY: u32 = 1_000_000;
const OFF: &str = "no limit";
const NONE: &str = "none";
const EVERY_CORE: &str = "every core that the process may use";
const DESCRIPTORS: &str = "what the descriptor limit allows";
const SYSTEMS: &str = "the system's";
const MEMLOCK: &str = "what the memlock limit allows";

/// Every key, in the order of the listing.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    [
        Config::ROWS,
        Webhook::ROWS,
        Twilio::ROWS,
        Aliyun::ROWS,
        Tencent::ROWS,
        Test::ROWS,
    ]
    .into_iter()
    .flatten()
}

section! {
    /// Everything that an operator may set, read and checked.
    Config () {
        /// Where handsets connect; port 0 picks one.
        chat: SocketAddr = "0.0.0.0:9400", Address;
        /// Where HTTP is served; port 0 picks one.
        http: SocketAddr = "0.0.0.0:9480", Address;
        /// Where everything that is kept is kept; made when it is not there.
        data: PathBuf = "./pairline-data", Directory;
        /// Chat cores, a pinned thread each.
        cores: Option<u16> = "0", OrZero(Within(1, 1024), EVERY_CORE);
        /// The longest line from a handset, without its end.
        max_line: usize = "8192", Within(KIB, MIB);
        /// Conversations that a user may have at once.
        max_guys: u32 = "3", Within(1, limits::GUYS_CEILING);
        /// Between two passes of a user.
        pass_cooldown: Duration = "10s", Within(Duration::ZERO, DAY);
        /// The best place that a pass leads to.
        pass_floor: u32 = "1", Within(1, u32::MAX);
        /// Two who have just parted are not matched again for this long.
        rematch_pause: Duration = "10s", Within(Duration::ZERO, DAY);
        /// A connection from which nothing comes for this long is closed.
        idle_timeout: Option<Duration> = "300s", OrZero(Within(MILLISECOND, DECADE), OFF);
        /// A connection without a join for this long is closed.
        join_timeout: Option<Duration> = "30s", OrZero(Within(MILLISECOND, DECADE), OFF);
        /// What may wait for one slow reader before it is closed.
        max_outbox: Option<usize> = "256KiB", OrZero(Within(2 * KIB, GIB), OFF);
        /// A reader that takes nothing for this long is closed.
        outbox_timeout: Option<Duration> = "30s", OrZero(Within(MILLISECOND, DECADE), OFF);
        /// Chat connections from one address (IPv6: one /64).
        max_per_address: Option<u32> = "1000", OrZero(Within(1, u32::MAX), OFF);
        /// Chat connections begin with a PROXY protocol header (version 2) that names the client.
        proxy_protocol: bool = "false", Flag;
        /// Frames a second from a session; twice as many in a burst.
        max_rate: Option<u32> = "50", OrZero(Within(1, MANY), OFF);
        /// At the end, how long what is queued may take to leave.
        drain_timeout: Duration = "5s", Within(Duration::ZERO, HOUR);
        /// Users whose last partners, pauses and cooldown are remembered.
        max_remembered: Option<u32> = "1000000", OrZero(Within(1, u32::MAX), OFF);
        /// Chat connections over all cores.
        max_sessions: Option<u32> = "0", OrZero(Within(1, u32::MAX), DESCRIPTORS);
        /// Every join needs a token, not only those of registered users.
        require_token: bool = "false", Flag;
        /// The time zone of times on the wire.
        timezone: TimeZone = "Asia/Shanghai", Zone;
        /// The country of a number that does not name its own.
        default_country: String = "+86", COUNTRY;
        /// Allows what only tests may do: test_numbers and the [test] table.
        test_mode: bool = "false", Flag;
        /// Numbers that get a fixed code and no SMS; only with test_mode.
        test_numbers: BTreeMap<String, String> = "", Codes;
        /// How codes are sent; a second gateway is tried when the first cannot be reached.
        sms_gateway: Vec<Gateway> = "console", Gateways;
        /// Between two requests of a code for one number.
        sms_interval: Duration = "60s", Within(Duration::ZERO, DAY);
        /// Codes for one number in an hour.
        sms_per_number_hour: Option<u32> = "5", OrZero(Within(1, MANY), OFF);
        /// Codes for one number in a day.
        sms_per_number_day: Option<u32> = "10", OrZero(Within(1, MANY), OFF);
        /// Codes asked for from one address (IPv6: one /64) in an hour.
        sms_per_address_hour: Option<u32> = "10", OrZero(Within(1, MANY), OFF);
        /// Codes asked for from one address (IPv6: one /64) in a day.
        sms_per_address_day: Option<u32> = "50", OrZero(Within(1, MANY), OFF);
        /// Codes sent in a day (of the time zone), over all numbers.
        sms_budget_day: Option<u32> = "0", OrZero(Within(1, u32::MAX), OFF);
        /// Codes sent in a day to numbers that differ in their last four digits only.
        sms_per_prefix_day: Option<u32> = "0", OrZero(Within(1, MANY), OFF);
        /// The countries whose numbers get codes.
        sms_countries: Vec<String> = "", Countries;
        /// How long a code is good for.
        sms_code_ttl: Duration = "5m", Within(SECOND, DAY);
        /// How long a new number may take to register.
        registration_ttl: Duration = "30m", Within(SECOND, MONTH);
        /// How long a session token lives without being used.
        token_ttl: Duration = "30d", Within(SECOND, DECADE);
        /// HTTP requests a second from one address.
        http_rate: Option<u32> = "50", OrZero(Within(1, MANY), OFF);
        /// A crush on a number without a user sends it an SMS.
        crush_invites: bool = "false", Flag;
        /// An address of their own for /admin, /metrics, /healthz and /readyz.
        admin_listen: Option<SocketAddr> = "", OrEmpty(Address, "the HTTP port");
        /// Proxies whose X-Forwarded-For is believed.
        trusted_proxies: Vec<Network> = "", Networks;
        /// The congestion control of chat connections.
        congestion: Option<String> = "", OrEmpty(CONGESTION, SYSTEMS);
        /// Keeps what is reported: pictures whose owners delete them, the last lines of talks.
        keep_evidence: bool = "false", Flag;
        /// Looks what is said in talks, and by whom, through for the word list.
        filter_talk: bool = "false", Flag;
        /// What the log lets through.
        log: String = "info", FILTER;
    }
    /// How each SMS gateway is reached.
    sms: Sms;
    /// What only tests may shrink or spoil.
    test: Test;
    /// The operator's token, from `PAIRLINE_ADMIN_TOKEN` and nowhere else.
    admin_token: Option<Secret>;
}

/// `[sms]`: a table for each gateway that needs one.
#[derive(Clone, Debug, Default)]
pub struct Sms {
    /// `[sms.webhook]`
    pub webhook: Webhook,
    /// `[sms.twilio]`
    pub twilio: Twilio,
    /// `[sms.aliyun]`
    pub aliyun: Aliyun,
    /// `[sms.tencent]`
    pub tencent: Tencent,
}

section! {
    /// `[sms.webhook]`
    Webhook (sms.webhook) {
        /// Where codes are POSTed.
        url: String = "", URL;
        /// Signs each POST (HMAC-SHA256).
        secret: Secret = "", Hidden;
    }
}

section! {
    /// `[sms.twilio]`
    Twilio (sms.twilio) {
        /// Where its API is.
        url: String = "https://api.twilio.com", URL;
        /// The account.
        account_sid: String = "", LINE;
        /// The account's token.
        auth_token: Secret = "", Hidden;
        /// The sender: a number, or the id of a messaging service.
        from: String = "", LINE;
    }
}

section! {
    /// `[sms.aliyun]`
    Aliyun (sms.aliyun) {
        /// Where its API is.
        url: String = "https://dysmsapi.aliyuncs.com", URL;
        /// The access key.
        access_key_id: String = "", LINE;
        /// The access key's secret.
        access_key_secret: Secret = "", Hidden;
        /// The signature that the message carries.
        sign_name: String = "", LINE;
        /// The template, with one variable named code.
        template_code: String = "", LINE;
        /// The template of invitations (crush_invites), without a variable.
        invite_template_code: String = "", LINE;
        /// The region.
        region: String = "cn-hangzhou", LINE;
    }
}

section! {
    /// `[sms.tencent]`
    Tencent (sms.tencent) {
        /// Where its API is.
        url: String = "https://sms.tencentcloudapi.com", URL;
        /// The access key.
        secret_id: String = "", LINE;
        /// The access key's secret.
        secret_key: Secret = "", Hidden;
        /// The application.
        sdk_app_id: String = "", LINE;
        /// The signature that the message carries.
        sign_name: String = "", LINE;
        /// The template; its first variable is the code.
        template_id: String = "", LINE;
        /// The template of invitations (crush_invites), without a variable.
        invite_template_id: String = "", LINE;
        /// The region.
        region: String = "ap-guangzhou", LINE;
    }
}

section! {
    /// `[test]`: refused without `test_mode`.
    Test (test) {
        /// Receive buffers a core.
        ring_buffers: u32 = "512", PowerOfTwo(Within(1, 32_768));
        /// The size of a receive buffer.
        ring_buffer_size: usize = "8KiB", PowerOfTwo(Within(16, 64 * KIB));
        /// Places in a core's completion queue.
        cq_entries: Option<u32> = "0", OrZero(PowerOfTwo(Within(2, 131_072)), MEMLOCK);
        /// SO_SNDBUF of chat connections.
        send_buffer: Option<usize> = "0", OrZero(Within(1, GIB), SYSTEMS);
        /// SO_RCVBUF of chat connections.
        receive_buffer: Option<usize> = "0", OrZero(Within(1, GIB), SYSTEMS);
        /// Notes that a lane between two cores holds before they overflow.
        lane_entries: u32 = "4096", Within(1, MANY);
        /// Decides which operations the keys below make fail, and how.
        fault_seed: u32 = "0", Within(0, u32::MAX);
        /// One in so many accepts fails.
        fail_accepts: Option<u32> = "0", OrZero(Within(1, MANY), NONE);
        /// One in so many receives breaks its connection.
        fail_receives: Option<u32> = "0", OrZero(Within(1, MANY), NONE);
        /// One in so many receives ends early, without harm.
        end_receives: Option<u32> = "0", OrZero(Within(1, MANY), NONE);
        /// One in so many sends fails.
        fail_sends: Option<u32> = "0", OrZero(Within(1, MANY), NONE);
        /// One in so many closes is told as an error.
        fail_closes: Option<u32> = "0", OrZero(Within(1, MANY), NONE);
        /// One in so many wake-ups by other threads is told as an error.
        fail_wakes: Option<u32> = "0", OrZero(Within(1, MANY), NONE);
        /// One in so many doorbells between cores is not heard.
        fail_doorbells: Option<u32> = "0", OrZero(Within(1, MANY), NONE);
    }
}
