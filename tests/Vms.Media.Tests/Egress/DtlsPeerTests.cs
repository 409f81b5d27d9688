using Vms.Media.Egress.WebRtc;

namespace Vms.Media.Tests.Egress;

public sealed class DtlsPeerTests
{
    [Fact]
    public void A_closed_peer_is_given_back_whatever_still_waits()
    {
        var peer = new DtlsPeer(null!);
        Assert.True(peer.Enqueue([1, 2, 3], default));
        Assert.False(peer.RequestClose());      // a thread has it already
        Assert.True(peer.TryKeep());            // to say goodbye
        peer.IsClosed = true;
        Assert.False(peer.TryKeep());
        Assert.False(peer.Nudge());
    }
}
