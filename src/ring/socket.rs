//! Sockets and their options, where no ring is needed.
//!
//! All sockets are TCP, close-on-exec, and blocking: a ring waits for a
//! blocking socket by itself, but fails on one that is not.
#![allow(unsafe_code)] // Socket calls take raw memory.

use std::io;
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::thread;
use std::time::{Duration, Instant};

use super::address::Address;

/// Connections that wait to be accepted, at most; the system may allow fewer.
pub const BACKLOG: u32 = 4096;

/// A port that belongs to this process alone, before and while its cores open
/// their listeners on it.
///
/// `SO_REUSEPORT` lets several listeners share a port, a second server's too.
/// So the port is first taken without it; and since a claim that was given up
/// before the listeners open would leave a gap, the claim turns itself into a
/// socket that is bound for good but does not listen, beside which only
/// listeners with `SO_REUSEPORT` can be opened.
#[derive(Debug)]
pub struct Claim {
    // Keeps the port.
    _guard: OwnedFd,
    address: SocketAddr,
}

impl Claim {
    /// Takes `address`, trying for `patience` while it is in use: a ring that
    /// was killed frees its port late. Port 0 takes a free one.
    ///
    /// # Errors
    /// What the system says; `AddrInUse` when somebody else has it.
    pub fn take(address: SocketAddr, patience: Duration) -> io::Result<Claim> {
        const PAUSE: Duration = Duration::from_millis(50);
        let give_up = Instant::now() + patience;
        loop {
            let taken = if address.port() == 0 {
                Claim::take_any(address)
            } else {
                Claim::try_take(address)
            };
            match taken {
                Err(error)
                    if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < give_up =>
                {
                    thread::sleep(PAUSE);
                }
                taken => return taken,
            }
        }
    }

    /// The address with the port that was taken.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Opens one more listener on the port; the system spreads connections over
    /// all of them.
    ///
    /// # Errors
    /// What the system says.
    pub fn listen(&self, backlog: u32) -> io::Result<OwnedFd> {
        let socket = stream(self.address)?;
        set_flag(socket.as_fd(), libc::SO_REUSEADDR, true)?;
        set_flag(socket.as_fd(), libc::SO_REUSEPORT, true)?;
        bind(socket.as_fd(), self.address)?;
        start_listening(socket.as_fd(), backlog)?;
        Ok(socket)
    }

    /// Only a port that was asked for by its number stays bound when listening
    /// stops. So the system is asked which is free, and then for that one, which
    /// somebody else may have got in between.
    fn take_any(address: SocketAddr) -> io::Result<Claim> {
        const TRIES: u32 = 16;
        let mut taken = Err(io::ErrorKind::AddrInUse.into());
        for _ in 0..TRIES {
            let scout = stream(address)?;
            bind(scout.as_fd(), address)?;
            let free = local_address(scout.as_fd())?;
            drop(scout);
            taken = Claim::try_take(free);
            if taken.is_ok() {
                break;
            }
        }
        taken
    }

    fn try_take(address: SocketAddr) -> io::Result<Claim> {
        let guard = stream(address)?;
        let fd = guard.as_fd();
        // Past the remains of an earlier server's connections.
        set_flag(fd, libc::SO_REUSEADDR, true)?;
        bind(fd, address)?;
        // Of two that are bound like this, one can listen.
        start_listening(fd, 1)?;
        // From here on others' claims fail because this one shares nothing with
        // them, listening or not, and listeners with SO_REUSEPORT are let in.
        set_flag(fd, libc::SO_REUSEPORT, true)?;
        set_flag(fd, libc::SO_REUSEADDR, false)?;
        // Stops listening, or it would get connections that nobody accepts.
        shut_down(fd, Shutdown::Both)?;
        Ok(Claim {
            _guard: guard,
            address,
        })
    }
}

/// An unconnected TCP socket of the family of `address`.
///
/// # Errors
/// What the system says.
pub fn stream(address: SocketAddr) -> io::Result<OwnedFd> {
    let family = Address::from(address).family();
    // SAFETY: touches no memory.
    let fd = unsafe { libc::socket(family, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0) };
    check(fd)?;
    // SAFETY: a descriptor just made, owned by nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Binds `socket` to its own `address`; port 0 binds it to a free one.
///
/// # Errors
/// What the system says.
pub fn bind(socket: BorrowedFd<'_>, address: SocketAddr) -> io::Result<()> {
    let address = Address::from(address);
    // SAFETY: the address is readable and as long as said.
    check(unsafe { libc::bind(socket.as_raw_fd(), address.as_ptr(), address.len()) })
}

/// The socket's own address.
///
/// # Errors
/// What the system says.
pub fn local_address(socket: BorrowedFd<'_>) -> io::Result<SocketAddr> {
    ask(socket, libc::getsockname)
}

/// The peer's address.
///
/// # Errors
/// What the system says; `NotConnected` if it is gone already.
pub fn peer_address(socket: BorrowedFd<'_>) -> io::Result<SocketAddr> {
    ask(socket, libc::getpeername)
}

/// Sends at once, without waiting for more (`TCP_NODELAY`).
///
/// # Errors
/// What the system says.
pub fn set_nodelay(socket: BorrowedFd<'_>) -> io::Result<()> {
    set(socket, libc::IPPROTO_TCP, libc::TCP_NODELAY, &1)
}

/// Chooses the congestion control by its name, such as `cubic`. Set on a
/// listener, it goes for all connections accepted from it.
///
/// # Errors
/// What the system says; `NotFound` if there is none of that name.
pub fn set_congestion(socket: BorrowedFd<'_>, name: &str) -> io::Result<()> {
    let len = libc::socklen_t::try_from(name.len()).map_err(io::Error::other)?;
    // SAFETY: the name is readable and as long as said.
    check(unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_CONGESTION,
            name.as_ptr().cast(),
            len,
        )
    })
}

/// Sizes the send buffer; the system doubles the number and has bounds.
///
/// # Errors
/// What the system says.
pub fn set_send_buffer(socket: BorrowedFd<'_>, bytes: u32) -> io::Result<()> {
    let bytes = libc::c_int::try_from(bytes).unwrap_or(libc::c_int::MAX);
    set(socket, libc::SOL_SOCKET, libc::SO_SNDBUF, &bytes)
}

/// Sizes the receive buffer; the system doubles the number and has bounds.
///
/// # Errors
/// What the system says.
pub fn set_receive_buffer(socket: BorrowedFd<'_>, bytes: u32) -> io::Result<()> {
    let bytes = libc::c_int::try_from(bytes).unwrap_or(libc::c_int::MAX);
    set(socket, libc::SOL_SOCKET, libc::SO_RCVBUF, &bytes)
}

/// Ends sending, receiving or both. What a ring has in flight on the socket in
/// that direction completes.
///
/// # Errors
/// What the system says; `NotConnected` if the peer is gone already.
pub fn shut_down(socket: BorrowedFd<'_>, how: Shutdown) -> io::Result<()> {
    let how = match how {
        Shutdown::Read => libc::SHUT_RD,
        Shutdown::Write => libc::SHUT_WR,
        Shutdown::Both => libc::SHUT_RDWR,
    };
    // SAFETY: touches no memory.
    check(unsafe { libc::shutdown(socket.as_raw_fd(), how) })
}

/// Sends what the system takes at once; gives how much that was. For a socket
/// on which no ring has a send in flight.
///
/// # Errors
/// What the system says; `WouldBlock` when it takes nothing.
pub fn send_now(socket: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    // SAFETY: the bytes are readable and as many as said.
    let sent = unsafe {
        libc::send(
            socket.as_raw_fd(),
            bytes.as_ptr().cast(),
            bytes.len(),
            flags,
        )
    };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Makes closing drop what was not sent yet and reset the connection.
///
/// # Errors
/// What the system says.
pub fn set_abort_on_close(socket: BorrowedFd<'_>) -> io::Result<()> {
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    set(socket, libc::SOL_SOCKET, libc::SO_LINGER, &linger)
}

fn start_listening(socket: BorrowedFd<'_>, backlog: u32) -> io::Result<()> {
    let backlog = libc::c_int::try_from(backlog).unwrap_or(libc::c_int::MAX);
    // SAFETY: touches no memory.
    check(unsafe { libc::listen(socket.as_raw_fd(), backlog) })
}

fn set_flag(socket: BorrowedFd<'_>, option: libc::c_int, on: bool) -> io::Result<()> {
    set(socket, libc::SOL_SOCKET, option, &libc::c_int::from(on))
}

fn set<T>(
    socket: BorrowedFd<'_>,
    level: libc::c_int,
    option: libc::c_int,
    value: &T,
) -> io::Result<()> {
    let len = libc::socklen_t::try_from(size_of::<T>()).expect("options are small");
    // SAFETY: the value is readable and as long as said.
    check(unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            option,
            (&raw const *value).cast(),
            len,
        )
    })
}

type AskForAddress =
    unsafe extern "C" fn(libc::c_int, *mut libc::sockaddr, *mut libc::socklen_t) -> libc::c_int;

fn ask(socket: BorrowedFd<'_>, call: AskForAddress) -> io::Result<SocketAddr> {
    let mut address = Address::empty();
    let mut len = address.len();
    // SAFETY: the address is writable and as long as said; more is cut off.
    check(unsafe { call(socket.as_raw_fd(), address.as_mut_ptr(), &raw mut len) })?;
    address
        .to_std()
        .ok_or_else(|| io::Error::from_raw_os_error(libc::EAFNOSUPPORT))
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(test)]
#[path = "socket_tests.rs"]
mod tests;
