//! What must hold between keys, once each is good by itself.

use super::read::Origins;
use super::{Config, Gateway};

/// Everything that does not go together, a line each.
pub(super) fn problems(config: &Config, origins: &Origins) -> Vec<String> {
    let mut problems = Vec::new();
    if !config.test_mode {
        problems.extend(only_for_tests(origins));
    }
    if let Some(outbox) = config.max_outbox
        && outbox < 2 * config.max_line
    {
        let line = config.max_line;
        problems.push(format!(
            "{}: max_outbox ({outbox}) must be 0 or at least twice max_line ({line})",
            origin(origins, &["max_outbox", "max_line"])
        ));
    }
    problems.extend(same_ports(config, origins));
    for gateway in &config.sms_gateway {
        problems.extend(missing_credentials(config, *gateway, origins));
        problems.extend(missing_invitation(config, *gateway, origins));
    }
    problems
}

/// The source of the first of the keys that has one.
fn origin<'a>(origins: &'a Origins, keys: &[&str]) -> &'a str {
    let source = keys.iter().find_map(|key| origins.get(*key));
    source.map_or("defaults", String::as_str)
}

fn only_for_tests(origins: &Origins) -> impl Iterator<Item = String> {
    let for_tests = |key: &str| key == "test_numbers" || key == "test" || key.starts_with("test.");
    origins
        .iter()
        .filter(move |(key, _)| for_tests(key))
        .map(|(key, origin)| format!("{origin}: {key} is only allowed with test_mode = true"))
}

fn same_ports(config: &Config, origins: &Origins) -> Vec<String> {
    let listeners = [
        ("chat", Some(config.chat)),
        ("http", Some(config.http)),
        ("admin_listen", config.admin_listen),
    ];
    let mut problems = Vec::new();
    for (i, (key, address)) in listeners.iter().enumerate() {
        for (other, taken) in &listeners[..i] {
            if let Some(address) = address
                && address.port() != 0
                && Some(*address) == *taken
            {
                problems.push(format!(
                    "{}: {key} and {other} are both {address}; each needs an address of its own",
                    origin(origins, &[key, other])
                ));
            }
        }
    }
    problems
}

fn missing_credentials(config: &Config, gateway: Gateway, origins: &Origins) -> Vec<String> {
    let sms = &config.sms;
    let needed: &[(&str, bool)] = match gateway {
        Gateway::Console => &[],
        Gateway::Webhook => &[
            ("url", sms.webhook.url.is_empty()),
            ("secret", sms.webhook.secret.is_empty()),
        ],
        Gateway::Twilio => &[
            ("url", sms.twilio.url.is_empty()),
            ("account_sid", sms.twilio.account_sid.is_empty()),
            ("auth_token", sms.twilio.auth_token.is_empty()),
            ("from", sms.twilio.from.is_empty()),
        ],
        Gateway::Aliyun => &[
            ("url", sms.aliyun.url.is_empty()),
            ("access_key_id", sms.aliyun.access_key_id.is_empty()),
            ("access_key_secret", sms.aliyun.access_key_secret.is_empty()),
            ("sign_name", sms.aliyun.sign_name.is_empty()),
            ("template_code", sms.aliyun.template_code.is_empty()),
            ("region", sms.aliyun.region.is_empty()),
        ],
        Gateway::Tencent => &[
            ("url", sms.tencent.url.is_empty()),
            ("secret_id", sms.tencent.secret_id.is_empty()),
            ("secret_key", sms.tencent.secret_key.is_empty()),
            ("sdk_app_id", sms.tencent.sdk_app_id.is_empty()),
            ("sign_name", sms.tencent.sign_name.is_empty()),
            ("template_id", sms.tencent.template_id.is_empty()),
            ("region", sms.tencent.region.is_empty()),
        ],
    };
    let name = gateway.name();
    let source = origin(origins, &["sms_gateway"]);
    needed
        .iter()
        .filter(|(_, missing)| *missing)
        .map(|(key, _)| format!("{source}: sms.{name}.{key} must be set for sms_gateway = {name}"))
        .collect()
}

/// Those who send texts of their own need one without a code.
fn missing_invitation(config: &Config, gateway: Gateway, origins: &Origins) -> Option<String> {
    let sms = &config.sms;
    let (key, text) = match gateway {
        Gateway::Aliyun => ("invite_template_code", &sms.aliyun.invite_template_code),
        Gateway::Tencent => ("invite_template_id", &sms.tencent.invite_template_id),
        Gateway::Console | Gateway::Webhook | Gateway::Twilio => return None,
    };
    let (name, source) = (gateway.name(), origin(origins, &["crush_invites"]));
    (config.crush_invites && text.is_empty()).then(|| {
        format!(
            "{source}: sms.{name}.{key} must be set for crush_invites with sms_gateway = {name}"
        )
    })
}
