using Vms.Contracts.Media;

namespace Vms.Media.Tests.Ingest;

public sealed class SessionUpkeepTests
{
    [Theory]
    [InlineData(Transport.Tcp)]
    [InlineData(Transport.Udp)]
    public async Task A_short_session_timeout_is_kept_alive_and_reports_are_sent(Transport transport)
    {
        await using var server = await IngestRig.CameraAsync(o => o with { SessionTimeout = TimeSpan.FromSeconds(3) });
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1), s => s.Transport = transport);
        using var log = new LogReading(pipeline);

        await log.UntilCountAsync(160);     // two sessions' worth

        log.AssertGapless();
        Assert.Equal(1, server.Camera(1).Plays);
        Assert.True(server.Camera(1).Keepalives >= 2);
        Assert.True(transport == Transport.Tcp ? server.Camera(1).ClientRtcp > 0 : server.ClientRtcp > 1);
    }
}
