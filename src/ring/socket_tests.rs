use super::*;
use std::net::{TcpListener, TcpStream};

const NOT_LONG: Duration = Duration::from_millis(60);

fn any_v4() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

fn in_use<T>(result: io::Result<T>) -> bool {
    result.is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

/// What a second server does first.
fn bound(address: SocketAddr) -> io::Result<OwnedFd> {
    let socket = stream(address)?;
    set_flag(socket.as_fd(), libc::SO_REUSEADDR, true)?;
    bind(socket.as_fd(), address)?;
    Ok(socket)
}

#[test]
fn a_claim_resolves_port_0_to_one_port_for_all() {
    for address in [any_v4(), "[::1]:0".parse().unwrap()] {
        let claim = Claim::take(address, Duration::ZERO).unwrap();
        assert_ne!(claim.address().port(), 0);
        let listeners: Vec<_> = (0..3).map(|_| claim.listen(8).unwrap()).collect();
        for listener in &listeners {
            assert_eq!(local_address(listener.as_fd()).unwrap(), claim.address());
        }
        TcpStream::connect(claim.address()).unwrap();
    }
}

#[test]
fn a_claimed_port_is_closed_to_a_second_server_at_every_stage() {
    let claim = Claim::take(any_v4(), Duration::ZERO).unwrap();
    let address = claim.address();
    assert!(in_use(Claim::take(address, Duration::ZERO)), "claimed");
    let listener = claim.listen(8).unwrap();
    assert!(in_use(Claim::take(address, Duration::ZERO)), "listening");
    drop(claim);
    assert!(in_use(Claim::take(address, NOT_LONG)), "claim given up");
    drop(listener);
    Claim::take(address, Duration::ZERO).unwrap();
}

#[test]
fn of_two_that_claim_at_the_same_time_one_wins() {
    let claim = Claim::take(any_v4(), Duration::ZERO).unwrap();
    let address = claim.address();
    drop(claim);
    // The second has bound just before the first's claim, and goes on after it.
    let second = bound(address).unwrap();
    let claim = Claim::take(address, Duration::ZERO).unwrap();
    assert!(in_use(start_listening(second.as_fd(), 1)), "claimed");
    let _listener = claim.listen(8).unwrap();
    assert!(in_use(start_listening(second.as_fd(), 1)), "listening");
}

#[test]
fn a_claim_itself_takes_no_connections() {
    let claim = Claim::take(any_v4(), Duration::ZERO).unwrap();
    let refused = TcpStream::connect(claim.address());
    assert!(refused.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused));
}

#[test]
fn a_claim_waits_for_a_port_that_is_freed_late() {
    let other = TcpListener::bind(any_v4()).unwrap();
    let address = other.local_addr().unwrap();
    let freeing = thread::spawn(move || {
        thread::sleep(NOT_LONG);
        drop(other);
    });
    assert!(in_use(Claim::take(address, Duration::ZERO)));
    Claim::take(address, Duration::from_secs(3)).unwrap();
    freeing.join().unwrap();
}

#[test]
fn options_are_taken() {
    let listener = TcpListener::bind(any_v4()).unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let fd = client.as_fd();
    set_nodelay(fd).unwrap();
    assert!(client.nodelay().unwrap());
    set_send_buffer(fd, 4096).unwrap();
    set_receive_buffer(fd, 4096).unwrap();
    set_congestion(fd, "reno").unwrap();
    assert!(set_congestion(fd, "no such thing").is_err());
    assert_eq!(local_address(fd).unwrap(), client.local_addr().unwrap());
    assert_eq!(peer_address(fd).unwrap(), client.peer_addr().unwrap());
}

#[test]
fn an_aborted_connection_is_reset() {
    use std::io::Read;
    let listener = TcpListener::bind(any_v4()).unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    set_abort_on_close(server.as_fd()).unwrap();
    drop(server);
    let error = client.read(&mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}
