// SPDX-License-Identifier: MIT
import Linux
import Probing
import Wire

/// All sockets of a checker, in the network namespace of the thread that opens them.
struct CheckSockets: ~Copyable, Sendable {
  let ports: HeldPorts
  let sender: PacketSocket
  var receiver4: AnswerSocket
  var receiver6: AnswerSocket

  init() throws(LinuxError) {
    let ports = try HeldPorts()
    let sender = try PacketSocket(.frames)
    let receiver4 = try AnswerSocket(.v4, to: ports)
    let receiver6 = try AnswerSocket(.v6, to: ports)
    self.ports = ports
    self.sender = sender
    self.receiver4 = receiver4
    self.receiver6 = receiver6
  }
}
