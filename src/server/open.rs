//! What a server asks of the system before it serves.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use crate::config::Config;
use crate::exit::Failure;
use crate::ring::socket::Claim;
use crate::ring::{self, Cpu, Limits, allowed_cpus};

/// With fewer descriptors a server is of no use.
const FEWEST_DESCRIPTORS: u64 = 256;
/// Descriptors that are no chat connections: rings, listeners, files, HTTP.
const OTHER_DESCRIPTORS: u64 = 128;
/// A ring that was killed frees its port late.
const PORT_PATIENCE: Duration = Duration::from_secs(3);

/// Takes all that the hard limits allow.
pub(super) fn raise_limits() -> Result<Limits, Failure> {
    ring::survive_file_size_limit();
    let limits = Limits::raise()
        .map_err(|error| Failure::system(format!("raising the resource limits: {error}")))?;
    if limits.descriptors < FEWEST_DESCRIPTORS {
        return Err(Failure::system(format!(
            "only {} file descriptors are allowed; raise the hard limit (ulimit -Hn, LimitNOFILE=) to {FEWEST_DESCRIPTORS} or, better, to some more than the connections you expect",
            limits.descriptors
        )));
    }
    tracing::info!(
        descriptors = limits.descriptors,
        locked_bytes = limits.locked_bytes,
        "limits"
    );
    Ok(limits)
}

/// The processors to pin the cores to.
pub(super) fn cpus(config: &Config) -> Result<Vec<Cpu>, Failure> {
    let allowed = allowed_cpus()
        .map_err(|error| Failure::system(format!("asking for the processors: {error}")))?;
    let wanted = config.cores.map_or(allowed.len(), usize::from);
    if wanted > allowed.len() {
        tracing::warn!(
            wanted,
            allowed = allowed.len(),
            "more cores than processors; they will share"
        );
    }
    Ok(allowed.iter().cycle().take(wanted).copied().collect())
}

/// The chat port, for this server alone.
pub(super) fn chat_port(config: &Config) -> Result<Claim, Failure> {
    Claim::take(config.chat, PORT_PATIENCE).map_err(|error| refused("chat", config.chat, &error))
}

/// A port of the HTTP side.
pub(super) fn http_port(key: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| refused(key, address, &error))
}

/// How many chat connections there may be, over all cores.
pub(super) fn max_sessions(config: &Config, limits: Limits) -> usize {
    let room = usize::try_from(limits.descriptors - OTHER_DESCRIPTORS).unwrap_or(usize::MAX);
    let Some(wished) = config.max_sessions else {
        return room;
    };
    let wished = wished as usize;
    if wished > room {
        tracing::warn!(
            wished,
            room,
            "max_sessions is more than the descriptor limit allows"
        );
    }
    wished.min(room)
}

fn refused(key: &str, address: SocketAddr, error: &std::io::Error) -> Failure {
    let hint = match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            "; another process, perhaps another pairline, has it: stop that one or choose another port"
        }
        std::io::ErrorKind::PermissionDenied => "; ports below 1024 need CAP_NET_BIND_SERVICE",
        std::io::ErrorKind::AddrNotAvailable => "; this machine does not have that address",
        _ => "",
    };
    Failure::system(format!("{key}: cannot listen on {address}: {error}{hint}"))
}
