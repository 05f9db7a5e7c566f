//! A server of the generator's own, when it was given none.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::{env, fs, process};

use super::options::Target;
use super::web::hook;
use crate::exit::Failure;

/// Keys that are set otherwise than a server has them by default, or the limits
/// would be what is measured.
const SET: [(&str, &str); 2] = [("max_rate", "0"), ("rematch_pause", "0s")];

/// The same for those who come over HTTP, all from a few addresses.
const SET_FOR_HTTP: [(&str, &str); 5] = [
    ("http_rate", "0"),
    ("sms_per_address_hour", "0"),
    ("sms_per_address_day", "0"),
    ("sms_gateway", "webhook"),
    ("sms.webhook.secret", hook::SECRET),
];

/// What is set, `KEY=VALUE`; with a hook, for users of HTTP too.
pub(super) fn set(hook: Option<SocketAddr>) -> Vec<String> {
    let mut set: Vec<_> = SET.iter().collect();
    set.extend(hook.iter().flat_map(|_| &SET_FOR_HTTP));
    set.iter()
        .map(|(key, value)| format!("{key}={value}"))
        .chain(hook.map(|hook| format!("sms.webhook.url=http://{hook}/")))
        .collect()
}

/// It is stopped, and its data removed, when this is dropped.
pub(super) struct Server {
    child: Child,
    data: PathBuf,
    pub(super) target: Target,
}

impl Server {
    pub(super) fn start(cores: u16, set: &[String]) -> Result<Server, Failure> {
        let broken = |error| Failure::system(format!("starting a server: {error}"));
        let program = env::current_exe().map_err(broken)?;
        let data = env::temp_dir().join(format!("pairline-load-{}", process::id()));
        fs::create_dir_all(&data).map_err(broken)?;
        let log = fs::File::create(data.join("log")).map_err(broken)?;
        let mut command = Command::new(program);
        command.args(["serve", "--chat", "127.0.0.1:0", "--http", "127.0.0.1:0"]);
        // It is measured as it is, not as the environment has it.
        for (key, _) in env::vars_os() {
            if key.to_string_lossy().starts_with("PAIRLINE_") {
                command.env_remove(key);
            }
        }
        for set in set {
            command.args(["--set", set]);
        }
        let child = command
            .args(["--cores", &cores.to_string()])
            .arg("--data")
            .arg(data.join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(broken)?;
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Server {
            child,
            data,
            target: Target {
                chat: nowhere,
                http: nowhere,
            },
        };
        server.target = server.wait_until_ready()?;
        Ok(server)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn wait_until_ready(&mut self) -> Result<Target, Failure> {
        let output = self.child.stdout.take().expect("it was piped");
        let mut line = String::new();
        // An error reads as no ready line.
        let _ = BufReader::new(output).read_line(&mut line);
        let port = |key| {
            line.split(' ')
                .find_map(|word| word.strip_prefix(key)?.parse().ok())
        };
        let (chat, http) = (port("chat="), port("http="));
        let target = chat.zip(http).map(|(chat, http)| Target { chat, http });
        target.ok_or_else(|| {
            let log = fs::read_to_string(self.data.join("log")).unwrap_or_default();
            Failure::system(format!("the server did not start:\n{log}"))
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it keeps is thrown away: there is nothing to drain.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.data);
    }
}
