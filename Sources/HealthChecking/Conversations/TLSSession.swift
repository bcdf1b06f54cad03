// SPDX-License-Identifier: MIT
import CSSL
import Health
import Wire

/// The client's side of TLS 1.2 or 1.3, by OpenSSL: what came goes in by `feed`, what is to be sent comes out by `drain`.
@safe  // The pointers are valid from the end of `init` until `deinit`, and never leave.
final class TLSSession {
  private let session: OpaquePointer
  /// Owned by the session, as is `outgoing`.
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer
  private let verifies: Bool

  /// What reading gave.
  enum Reading {
    case bytes([UInt8])
    /// More must come first.
    case nothing
    /// The other side said that it will send no more.
    case end
  }

  /// A session that has said nothing yet, or the failure to make one. `name` is whom the certificate must be for, if it is
  /// verified; it is indicated to the server if it is no address.
  init(_ context: TLSContext, name: String) throws(CheckFailure) {
    guard let session = unsafe context.makeSession() else { throw openSSLFailure(.local, "SSL_new") }
    let (incoming, outgoing) = unsafe (BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()))
    guard let incoming = unsafe incoming, let outgoing = unsafe outgoing else {
      // One of the two may be there.
      unsafe BIO_free(incoming)
      unsafe BIO_free(outgoing)
      unsafe SSL_free(session)
      throw openSSLFailure(.local, "BIO_new")
    }
    unsafe SSL_set_bio(session, incoming, outgoing)
    unsafe SSL_set_connect_state(session)
    unsafe (self.session, self.incoming, self.outgoing) = (session, incoming, outgoing)
    verifies = context.verifies
    try expect(name)
  }

  deinit {
    unsafe SSL_free(session)
  }

  private func expect(_ name: String) throws(CheckFailure) {
    let isAddress = IPAddress(name) != nil
    let isIndicated = isAddress ? true : unsafe culvert_ssl_set_server_name(session, name) == 1
    let isExpected =
      if !verifies {
        true
      } else if isAddress {
        unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name) == 1
      } else {
        unsafe SSL_set1_host(session, name) == 1
      }
    guard isIndicated, isExpected else { throw openSSLFailure(.local, "cannot ask for the name \(name)") }
  }

  func feed(_ bytes: [UInt8]) throws(CheckFailure) {
    guard !bytes.isEmpty else { return }
    let count = unsafe BIO_write(incoming, bytes, CInt(bytes.count))
    guard count == bytes.count else { throw openSSLFailure(.local, "BIO_write") }
  }

  func drain() -> [UInt8] {
    let pending = unsafe BIO_ctrl_pending(outgoing)
    return unsafe [UInt8](unsafeUninitializedCapacity: pending) { buffer, count in
      count = unsafe max(0, Int(BIO_read(outgoing, buffer.baseAddress, CInt(pending))))
    }
  }

  /// Goes on with the handshake; true when it is done.
  func shakeHands() throws(CheckFailure) -> Bool {
    ERR_clear_error()
    let result = unsafe SSL_do_handshake(session)
    guard result != 1 else { return true }
    guard unsafe SSL_get_error(session, result) == SSL_ERROR_WANT_READ else { throw failure }
    return false
  }

  func write(_ bytes: [UInt8]) throws(CheckFailure) {
    guard !bytes.isEmpty else { return }
    ERR_clear_error()
    guard unsafe SSL_write(session, bytes, CInt(bytes.count)) == bytes.count else { throw failure }
  }

  func read() throws(CheckFailure) -> Reading {
    ERR_clear_error()
    var result: CInt = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, count in
      result = unsafe SSL_read(session, buffer.baseAddress, CInt(buffer.count))
      count = max(0, Int(result))
    }
    guard result <= 0 else { return .bytes(bytes) }
    switch unsafe SSL_get_error(session, result) {
    case SSL_ERROR_WANT_READ: return .nothing
    case SSL_ERROR_ZERO_RETURN: return .end
    default: throw failure
    }
  }

  /// OpenSSL's reason, and what is wrong with the certificate if that is it.
  private var failure: CheckFailure {
    let result = unsafe SSL_get_verify_result(session)
    var failure = openSSLFailure(.tls, "")
    guard verifies, result != X509_V_OK else { return failure }
    failure.detail += unsafe ": " + String(cString: X509_verify_cert_error_string(result))
    return failure
  }
}
