//! From the command line to a listening socket. The same for all relays.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::exit;

use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};
use rustix::process::{Resource, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};

use crate::lines::Check;

const USAGE: &str = "--listen IP:PORT [--core N] [--validate]";
const BACKLOG: i32 = 4096;

/// What a relay starts from.
#[derive(Debug)]
pub struct Start {
    /// Listening, and saying so with `ready`. Blocking.
    pub listener: TcpListener,
    /// What to look at in a line.
    pub check: Check,
}

impl Start {
    /// Reads the command line, pins the thread, listens, and prints the line
    /// `ready chat=IP:PORT pid=PID`. SIGTERM ends a relay as it ends any
    /// process that does not ask to be told.
    ///
    /// # Errors
    /// What the system refuses. Wrong flags end the process here.
    pub fn from_command_line() -> io::Result<Start> {
        let flags = Flags::read(std::env::args().skip(1)).unwrap_or_else(|wrong| {
            eprintln!("{wrong}\nflags: {USAGE}");
            exit(2)
        });
        if let Some(core) = flags.core {
            let mut cores = CpuSet::new();
            cores.set(core);
            sched_setaffinity(None, &cores)?;
        }
        let mut files = getrlimit(Resource::Nofile);
        files.current = files.maximum;
        setrlimit(Resource::Nofile, files)?;

        let listener = listen(flags.listen)?;
        let address = listener.local_addr()?;
        let mut out = io::stdout();
        writeln!(out, "ready chat={address} pid={}", std::process::id())?;
        out.flush()?;
        Ok(Start {
            listener,
            check: flags.check,
        })
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let kind = SocketType::STREAM;
    let socket = rustix::net::socket_with(family, kind, SocketFlags::CLOEXEC, None)?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    // Connections inherit it from their listener.
    sockopt::set_tcp_nodelay(&socket, true)?;
    rustix::net::bind(&socket, &address)?;
    rustix::net::listen(&socket, BACKLOG)?;
    Ok(socket.into())
}

#[derive(Debug, PartialEq, Eq)]
struct Flags {
    listen: SocketAddr,
    core: Option<usize>,
    check: Check,
}

impl Flags {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Flags, String> {
        let (mut listen, mut core, mut check) = (None, None, Check::Digits);
        while let Some(flag) = words.next() {
            let mut value = || words.next().ok_or(format!("{flag} wants a value"));
            match flag.as_str() {
                "--listen" => {
                    let address = value()?.parse();
                    listen = Some(address.map_err(|_| "--listen wants IP:PORT")?);
                }
                "--core" => {
                    let number = value()?.parse().ok().filter(|&n| n < CpuSet::MAX_CPU);
                    core = Some(number.ok_or("--core wants the number of a core")?);
                }
                "--validate" => check = Check::Everything,
                _ => return Err(format!("there is no flag {flag}")),
            }
        }
        Ok(Flags {
            listen: listen.ok_or("--listen is missing")?,
            core,
            check,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Flags, String> {
        Flags::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn flags_are_read() {
        let least = read("--listen 127.0.0.1:0").unwrap();
        assert_eq!((least.core, least.check), (None, Check::Digits));
        let all = read("--core 1 --validate --listen [::1]:9400").unwrap();
        assert_eq!((all.core, all.check), (Some(1), Check::Everything));
        assert_eq!(all.listen, "[::1]:9400".parse().unwrap());
    }

    #[test]
    fn wrong_flags_are_refused() {
        let bad = [
            "",
            "--listen",
            "--listen 9400",
            "--core 0",
            "--listen 127.0.0.1:0 --core 99999",
            "--listen 127.0.0.1:0 --fast",
        ];
        for line in bad {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
