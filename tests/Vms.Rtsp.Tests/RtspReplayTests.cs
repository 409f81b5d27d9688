namespace Vms.Rtsp.Tests;

/// <summary>A stretch of the past instead of live video (RFC 2326 §3.7, ONVIF Streaming Specification §6).</summary>
public sealed class RtspReplayTests
{
    private const string Range = "clock=20261121T090100.500Z-20261121T090110.000Z";

    private static readonly DateTimeOffset At = new(2026, 11, 21, 9, 1, 0, 500, TimeSpan.Zero);

    [Fact]
    public void Setup_and_play_ask_for_the_stretch_as_fast_as_it_goes()
    {
        var camera = new ScriptedCamera();
        var session = Play(camera);

        Assert.Equal(RtspSessionState.Playing, session.State);
        Assert.Equal("onvif-replay", camera.Requests[2].Headers["Require"]);
        var play = camera.Requests[3].Headers;
        Assert.Equal((Range, "onvif-replay", "no", "yes"), (play["Range"], play["Require"], play["Rate-Control"], play["Immediate"]));
    }

    [Fact]
    public void Times_are_told_in_UTC()
    {
        var berlin = TimeSpan.FromHours(1);
        Assert.Equal(Range, new RtspReplay(At.ToOffset(berlin), At.AddSeconds(9.5).ToOffset(berlin)).Range);
    }

    [Theory]
    [InlineData("SETUP")]
    [InlineData("PLAY")]
    public void A_server_that_does_not_know_the_feature_is_asked_for_the_range_alone(string refusing)
    {
        var camera = new ScriptedCamera();
        camera.On(refusing, request => request.Headers["Require"] is null
            ? refusing == "PLAY" ? "200 OK\nSession: 1234" : "200 OK\nSession: 1234\nTransport: RTP/AVP/TCP;interleaved=0-1"
            : "551 Option not supported\nUnsupported: onvif-replay");

        Assert.Equal(RtspSessionState.Playing, Play(camera).State);
        var play = camera.Requests[^1].Headers;
        Assert.Equal((Range, null, null), (play["Range"], play["Require"], play["Rate-Control"]));
    }

    [Fact]
    public void Nothing_of_that_time_is_told_apart_from_no_such_path()
    {
        var session = Play(new ScriptedCamera().On("PLAY", "457 Invalid Range"));
        Assert.Equal(RtspFailureKind.NoSuchRange, session.Failure!.Kind);
    }

    [Fact]
    public void A_server_that_refuses_the_feature_again_and_again_is_given_up()
    {
        var camera = new ScriptedCamera().On("PLAY", "551 Option not supported");
        Assert.Equal(RtspSessionState.Ended, Play(camera).State);
        Assert.Equal(2, camera.Methods.Count(m => m == "PLAY"));
    }

    private static RtspSession Play(ScriptedCamera camera)
    {
        Assert.True(RtspUrl.TryParse("rtsp://10.0.0.5/s", out var url));
        var session = new RtspSession(new RtspSessionOptions { Url = url, Replay = new RtspReplay(At, At.AddSeconds(9.5)) });
        session.Start(TimeSpan.Zero);
        camera.Run(session, TimeSpan.Zero);
        return session;
    }
}
