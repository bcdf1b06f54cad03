// SPDX-License-Identifier: MIT
import SystemPackage

extension NetlinkConnection {
  /// Makes the changes of `batch` in their order.
  ///
  /// The kernel goes on after a refusal until the end of what it was sent at once; no more is sent then. Nothing is taken
  /// back: the error says what was made.
  public func commit(_ batch: NetlinkBatch) throws(NetlinkBatchError) {
    var progress = NetlinkBatchError(refusals: [], made: [], count: batch.count)
    for datagram in batch.datagrams {
      var replies = [Acknowledgement?](repeating: nil, count: datagram.count)
      var broken: NetlinkError?
      do throws(NetlinkError) {
        try exchange(batch.requests[datagram], &replies)
      } catch {
        broken = error
      }
      for (position, reply) in zip(datagram, replies) {
        if let error = reply == nil ? broken.take() : error(of: batch.requests[position], reply) {
          progress.refusals.append(.init(position: position, error: error))
        } else if reply != nil {
          progress.made.append(position)
        }
      }
      guard progress.refusals.isEmpty else { throw progress }
    }
  }
}
