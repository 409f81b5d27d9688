namespace Vms.Rtsp.Tests;

public sealed class RtspSessionTests
{
    private const string Challenge = "401 Unauthorized\nWWW-Authenticate: Digest realm=\"IPC\", nonce=\"n1\", qop=\"auth\"";

    [Fact]
    public void Goes_from_options_to_playing()
    {
        var camera = new ScriptedCamera();
        var session = Play(camera);

        Assert.Equal(RtspSessionState.Playing, session.State);
        Assert.Equal(["OPTIONS", "DESCRIBE", "SETUP", "PLAY"], camera.Methods);
        Assert.Equal(
            ["rtsp://10.0.0.5/s", "rtsp://10.0.0.5/s", "rtsp://10.0.0.5/s/trackID=1", "rtsp://10.0.0.5/s/"],
            camera.Requests.Select(r => r.Uri));
        Assert.Equal("1234", camera.Requests[3].Headers["Session"]);
        Assert.Equal((byte)0, session.Tracks[0].RtpChannel);
        Assert.Equal((ushort)1, session.RtpInfo[0].Sequence);
        Assert.All(camera.Requests, r => Assert.NotNull(r.Headers["User-Agent"]));      // go2rtc #235: 401 without it
    }

    /// <summary>What a camera does differently and still must play.</summary>
    public static TheoryData<string, string, string?> Quirks => new()
    {
        { "OPTIONS is not implemented", "OPTIONS", "501 Not Implemented" },
        { "OPTIONS wants a password the rest does not", "OPTIONS", "404 Not Found" },
        { "no Content-Type (retina 0.4.7)", "DESCRIBE", "200 OK\n\n" + ScriptedCamera.Sdp },
        { "Session with blanks (retina 0.4.6)", "SETUP", "200 OK\nSession:  1234 ; timeout = 60\nTransport: RTP/AVP/TCP;interleaved=0-1" },
        { "no Transport header", "SETUP", "200 OK\nSession: 1234" },
        { "no Session header", "SETUP", "200 OK\nTransport: RTP/AVP/TCP;interleaved=0-1" },
        { "Transport without /TCP (Escam Q6)", "SETUP", "200 OK\nSession: 1234\nTransport: RTP/AVP;unicast;interleaved=0-1" },
        { "other channels", "SETUP", "200 OK\nSession: 1234\nTransport: RTP/AVP/TCP;interleaved=6-7" },
        { "session id changes at PLAY", "PLAY", "200 OK\nSession: 5678" },
        { "RTP-Info missing (Tapo C320WS)", "PLAY", "200 OK" },
        { "RTP-Info garbage (OMNY)", "PLAY", "200 OK\nRTP-Info: ;;=x,," },
    };

    [Theory, MemberData(nameof(Quirks))]
    public void Plays_a_camera_with_a_quirk(string name, string method, string? answer)
    {
        Assert.NotEmpty(name);
        Assert.Equal(RtspSessionState.Playing, Play(new ScriptedCamera().On(method, answer)).State);
    }

    /// <summary>Step, answer, what the failure is.</summary>
    public static TheoryData<string, string, RtspFailureKind> Failures => new()
    {
        { "DESCRIBE", "404 Not Found", RtspFailureKind.NoSuchPath },
        { "DESCRIBE", "403 Forbidden", RtspFailureKind.BadCredentials },
        { "DESCRIBE", "400 Bad Request", RtspFailureKind.ProtocolViolation },
        { "DESCRIBE", "503 Service Unavailable", RtspFailureKind.Refused },
        { "DESCRIBE", "200 OK\n\n<html>", RtspFailureKind.ProtocolViolation },
        { "DESCRIBE", "200 OK\n\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\n", RtspFailureKind.UnsupportedCodec },
        { "DESCRIBE", "200 OK\n\nm=audio 0 RTP/AVP 8\r\n", RtspFailureKind.UnsupportedCodec },
        { "SETUP", "461 Unsupported Transport", RtspFailureKind.TransportRefused },
        { "SETUP", "200 OK\nTransport: RTP/AVP;unicast;server_port=5000-5001", RtspFailureKind.TransportRefused },
        { "SETUP", "200 OK\nTransport: RTP/AVP;multicast", RtspFailureKind.TransportRefused },
        { "SETUP", "453 Not Enough Bandwidth", RtspFailureKind.Refused },
        { "PLAY", "454 Session Not Found", RtspFailureKind.SessionLost },
        { "PLAY", "500 Internal Server Error", RtspFailureKind.Refused },
    };

    [Theory, MemberData(nameof(Failures))]
    public void Says_why_it_failed(string method, string answer, RtspFailureKind expected)
    {
        var session = Play(new ScriptedCamera().On(method, answer));

        Assert.Equal(RtspSessionState.Ended, session.State);
        Assert.Equal(expected, session.Failure!.Kind);
        Assert.EndsWith(".", session.Failure.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_challenge_is_answered_with_the_uri_of_the_request_line()
    {
        var camera = new ScriptedCamera().On("DESCRIBE", r => r.Headers["Authorization"] is null ? Challenge : $"200 OK\n\n{ScriptedCamera.Sdp}");
        var session = Play(camera);

        Assert.Equal(RtspSessionState.Playing, session.State);
        Assert.Equal(0, session.RefusedAnswers);
        foreach (var request in camera.Requests.Where(r => r.Headers["Authorization"] is not null))
            Assert.Contains($"uri=\"{request.Uri}\"", request.Headers["Authorization"], StringComparison.Ordinal);
        Assert.Equal(3, camera.Requests.Count(r => r.Headers["Authorization"] is not null));     // DESCRIBE, SETUP, PLAY
    }

    [Fact]
    public void A_wrong_password_is_tried_once()
    {
        var camera = new ScriptedCamera().On("DESCRIBE", Challenge);
        var session = Play(camera);

        Assert.Equal(RtspFailureKind.BadCredentials, session.Failure!.Kind);
        Assert.Equal(1, session.RefusedAnswers);
        Assert.Equal(["OPTIONS", "DESCRIBE", "DESCRIBE"], camera.Methods);
    }

    [Fact]
    public void Refused_credentials_are_not_sent_once_more_with_a_teardown()
    {
        var camera = new ScriptedCamera().On("PLAY", Challenge);
        var session = Play(camera);

        Assert.Equal(RtspFailureKind.BadCredentials, session.Failure!.Kind);
        Assert.DoesNotContain("TEARDOWN", camera.Methods);
    }

    [Fact]
    public void A_new_nonce_at_SETUP_is_answered()
    {
        int asked = 0;
        var camera = new ScriptedCamera()
            .On("DESCRIBE", r => r.Headers["Authorization"] is null ? Challenge : $"200 OK\n\n{ScriptedCamera.Sdp}")
            .On("SETUP", _ => asked++ == 0 ? Challenge.Replace("n1", "n2", StringComparison.Ordinal) : "200 OK\nSession: 1\nTransport: RTP/AVP/TCP;interleaved=0-1");

        Assert.Equal(RtspSessionState.Playing, Play(camera).State);
    }

    [Fact]
    public void A_camera_that_never_answers_OPTIONS_is_described_after_the_timeout()
    {
        var camera = new ScriptedCamera().On("OPTIONS", _ => null);
        var session = Play(camera);
        Assert.Equal(RtspSessionState.Options, session.State);

        session.Tick(session.Deadline!.Value);
        camera.Run(session, TimeSpan.FromSeconds(5));

        Assert.Equal(RtspSessionState.Playing, session.State);
    }

    [Fact]
    public void Silence_ends_in_a_timeout()
    {
        var session = Play(new ScriptedCamera().On("DESCRIBE", _ => null));
        Assert.Null(session.Failure);

        session.Tick(session.Deadline!.Value);

        Assert.Equal(RtspFailureKind.Timeout, session.Failure!.Kind);
        Assert.Contains("DESCRIBE", session.Failure.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1234;timeout=60", 30)]
    [InlineData("1234;timeout=10", 5)]
    [InlineData("1234;timeout=1", 1)]
    [InlineData("1234", 30)]
    [InlineData("1234;timeout=0", 30)]
    [InlineData("1234;timeout=3600", 30)]
    [InlineData("1234;timeout=soon", 30)]
    public void Keep_alives_come_within_half_the_timeout(string header, int seconds)
    {
        var camera = new ScriptedCamera().On("SETUP", $"200 OK\nSession: {header}\nTransport: RTP/AVP/TCP;interleaved=0-1");
        var session = Play(camera);

        Assert.Equal(TimeSpan.FromSeconds(seconds), session.Deadline);
        session.Tick(TimeSpan.FromSeconds(seconds));
        camera.Run(session, TimeSpan.FromSeconds(seconds));
        Assert.Equal("GET_PARAMETER", camera.Methods.Last());
        Assert.Equal("rtsp://10.0.0.5/s/", camera.Requests[^1].Uri);        // the base URL (gortsplib client.go:1387)
        Assert.Equal("1234", camera.Requests[^1].Headers["Session"]);
    }

    [Fact]
    public void Keep_alive_is_OPTIONS_unless_GET_PARAMETER_is_announced()
    {
        var camera = new ScriptedCamera().On("OPTIONS", "200 OK\nPublic: DESCRIBE, SETUP, PLAY");
        var session = Play(camera);

        session.Tick(session.Deadline!.Value);
        camera.Run(session, TimeSpan.FromSeconds(30));

        Assert.Equal("OPTIONS", camera.Methods.Last());
    }

    [Fact]
    public void A_refused_GET_PARAMETER_is_replaced_by_OPTIONS_at_once()
    {
        var camera = new ScriptedCamera().On("GET_PARAMETER", "451 Parameter Not Understood");      // GW4089IP
        var session = Play(camera);

        session.Tick(session.Deadline!.Value);
        camera.Run(session, TimeSpan.FromSeconds(30));

        Assert.Equal(["GET_PARAMETER", "OPTIONS"], camera.Methods.TakeLast(2));
        Assert.Equal(RtspSessionState.Playing, session.State);
    }

    [Fact]
    public void Keep_alives_that_are_never_answered_end_nothing()
    {
        var camera = new ScriptedCamera().On("GET_PARAMETER", _ => null);
        var session = Play(camera);

        for (int second = 1; second <= 200; second++)
        {
            session.Tick(TimeSpan.FromSeconds(second));
            camera.Run(session, TimeSpan.FromSeconds(second));
        }

        Assert.Equal(RtspSessionState.Playing, session.State);
        Assert.InRange(camera.Methods.Count(m => m == "GET_PARAMETER"), 5, 7);
    }

    [Fact]
    public void A_forgotten_session_shows_at_the_keep_alive()
    {
        var camera = new ScriptedCamera().On("GET_PARAMETER", "454 Session Not Found");
        var session = Play(camera);

        session.Tick(session.Deadline!.Value);
        camera.Run(session, TimeSpan.FromSeconds(30));

        Assert.Equal(RtspFailureKind.SessionLost, session.Failure!.Kind);
    }

    [Fact]
    public void Stopping_tears_the_session_down()
    {
        var camera = new ScriptedCamera();
        var session = Play(camera);

        session.Stop();
        camera.Run(session, TimeSpan.FromSeconds(1));

        Assert.Equal("TEARDOWN", camera.Methods.Last());
        Assert.Equal(RtspFailureKind.None, session.Failure!.Kind);
    }

    [Fact]
    public void A_redirect_is_reported_without_credentials_and_only_once()
    {
        var camera = new ScriptedCamera().On("DESCRIBE", "302 Moved\nLocation: rtsp://u:p@10.0.0.6:8554/other");
        var failure = Play(camera).Failure!;

        Assert.Equal(RtspFailureKind.Redirected, failure.Kind);
        Assert.Equal("rtsp://10.0.0.6:8554/other", failure.RedirectTo!.ToString());
        Assert.Null(failure.RedirectTo.Password);

        Assert.Equal(RtspFailureKind.ProtocolViolation, Play(camera, o => o with { RedirectFollowed = true }).Failure!.Kind);
    }

    [Fact]
    public void Requests_of_the_server_are_answered()
    {
        var camera = new ScriptedCamera();
        var session = Play(camera);

        camera.Say(session, "OPTIONS * RTSP/1.0\r\nCSeq: 77\r\n\r\n", TimeSpan.Zero);
        camera.Say(session, "RECORD * RTSP/1.0\r\nCSeq: 78\r\n\r\n", TimeSpan.Zero);
        camera.Run(session, TimeSpan.Zero);

        Assert.Equal([(200, 77), (501, 78)], camera.Requests.TakeLast(2).Select(r => (r.StatusCode, r.CSeq!.Value)));
        Assert.Equal(RtspSessionState.Playing, session.State);
    }

    [Fact]
    public void An_answer_without_CSeq_counts_and_one_with_another_number_does_not()
    {
        var camera = new ScriptedCamera().On("OPTIONS", _ => null);
        var session = Play(camera);

        camera.Say(session, "RTSP/1.0 200 OK\r\nCSeq: 99\r\n\r\n", TimeSpan.Zero);
        Assert.Equal(RtspSessionState.Options, session.State);
        camera.Say(session, "RTSP/1.0 200 OK\r\n\r\n", TimeSpan.Zero);

        Assert.Equal(RtspSessionState.Describing, session.State);
    }

    [Fact]
    public void UDP_asks_for_its_ports()
    {
        var camera = new ScriptedCamera().On("SETUP", "200 OK\nSession: 1\nTransport: RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001");
        var session = Play(camera, o => o with { Transport = RtspTransport.Udp, ClientRtpPort = track => 5000 + (2 * track) });

        Assert.Equal(RtspSessionState.Playing, session.State);
        Assert.Contains("client_port=5000-5001", camera.Requests.Single(r => r.Method == "SETUP").Headers["Transport"], StringComparison.Ordinal);
        Assert.Equal(6000, session.Tracks[0].Transport.ServerRtpPort);
    }

    private const string TwoTracks = "v=0\r\nm=audio 0 RTP/AVP 0\r\na=sendonly\r\na=control:back\r\nm=audio 0 RTP/AVP 8\r\na=control:sound\r\n"
        + "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:picture\r\nm=audio 0 RTP/AVP 97\r\na=rtpmap:97 SPEEX/16000\r\na=control:other\r\n";

    [Theory]
    [InlineData(RtspTransport.Tcp, "RTP/AVP/TCP;unicast;interleaved=0-1", "RTP/AVP/TCP;unicast;interleaved=2-3")]
    [InlineData(RtspTransport.Udp, "RTP/AVP;unicast;client_port=5000-5001", "RTP/AVP;unicast;client_port=5002-5003")]
    public void Every_track_that_is_wanted_is_set_up_in_the_same_session_the_video_track_first(RtspTransport transport, string video, string audio)
    {
        var camera = new ScriptedCamera()
            .On("DESCRIBE", "200 OK\nContent-Base: rtsp://10.0.0.5/s/\n\n" + TwoTracks)
            .On("SETUP", r => "200 OK\nSession: 1\nTransport: " + r.Headers["Transport"]);
        var session = Play(camera, o => o with { Transport = transport, ClientRtpPort = track => 5000 + (2 * track), AlsoPulled = m => m.Encoding == "PCMA" });

        var setups = camera.Requests.Where(r => r.Method == "SETUP").ToList();
        Assert.Equal(["rtsp://10.0.0.5/s/picture", "rtsp://10.0.0.5/s/sound"], setups.Select(r => r.Uri));
        Assert.Equal([video, audio], setups.Select(r => r.Headers["Transport"]));
        Assert.Equal("1", setups[1].Headers["Session"]);
        Assert.Equal(["H264", "PCMA"], session.Tracks.Select(t => t.Media.Encoding));
        Assert.Equal(["audio SPEEX/16000"], session.LeftOut);
        Assert.Equal(RtspSessionState.Playing, session.State);
    }

    [Fact]
    public void An_audio_track_whose_SETUP_is_refused_is_left_out()
    {
        var camera = new ScriptedCamera()
            .On("DESCRIBE", "200 OK\nContent-Base: rtsp://10.0.0.5/s/\n\n" + TwoTracks)
            .On("SETUP", r => r.Uri.EndsWith("sound", StringComparison.Ordinal) ? "461 Unsupported Transport" : "200 OK\nSession: 1");
        var session = Play(camera, o => o with { AlsoPulled = m => m.Encoding == "PCMA" });

        Assert.Equal(RtspSessionState.Playing, session.State);
        Assert.Single(session.Tracks);
        Assert.Contains("audio PCMA/8000 (SETUP was answered 461 Unsupported Transport)", session.LeftOut);
    }

    [Fact]
    public void An_audio_track_whose_SETUP_is_never_answered_is_left_out_and_the_picture_plays()
    {
        var camera = new ScriptedCamera()
            .On("DESCRIBE", "200 OK\nContent-Base: rtsp://10.0.0.5/s/\n\n" + TwoTracks)
            .On("SETUP", r => r.Uri.EndsWith("sound", StringComparison.Ordinal) ? null : "200 OK\nSession: 1");
        var session = Play(camera, o => o with { AlsoPulled = m => m.Encoding == "PCMA" });
        Assert.Equal(RtspSessionState.SettingUp, session.State);

        var timeout = session.Deadline!.Value;
        session.Tick(timeout);
        camera.Run(session, timeout);
        Assert.Equal(RtspSessionState.Playing, session.State);
        Assert.Single(session.Tracks);
        Assert.Contains("audio PCMA/8000 (SETUP was not answered)", session.LeftOut);
    }

    [Fact]
    public void Multicast_goes_to_the_group_that_the_camera_names()
    {
        var camera = new ScriptedCamera().On("SETUP", "200 OK\nSession: 1\nTransport: RTP/AVP;multicast;destination=239.1.2.3;port=5000-5001;ttl=16");
        var session = Play(camera, o => o with { Transport = RtspTransport.Multicast });

        var transport = session.Tracks[0].Transport;
        Assert.Equal("RTP/AVP;multicast", camera.Requests.Single(r => r.Method == "SETUP").Headers["Transport"]);
        Assert.Equal(("239.1.2.3", 5000, 5001, 16), (transport.Destination, transport.MulticastRtpPort, transport.MulticastRtcpPort, transport.TimeToLive));
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    public void Basic_credentials_are_sent_only_over_TLS_or_where_allowed(bool secure, bool allowed, bool sent)
    {
        var camera = new ScriptedCamera().On("DESCRIBE", "401 Unauthorized\nWWW-Authenticate: Basic realm=\"IPC\"");
        var session = Play(camera, o => o with { IsSecure = secure, AllowBasicInClear = allowed });

        Assert.Equal(sent, camera.Requests.Any(r => r.Headers["Authorization"] is not null));
        Assert.Equal(RtspFailureKind.BadCredentials, session.Failure!.Kind);
        Assert.Equal(!sent, session.Failure.Detail.Contains("rtsps://", StringComparison.Ordinal));
    }

    [Fact]
    public void A_value_with_a_line_break_is_never_sent() =>
        Assert.Throws<ArgumentException>(() => RtspRequestWriter.Request("OPTIONS", "rtsp://c/\r\nX: y", 1, []));

    private static RtspSession Play(ScriptedCamera camera, Func<RtspSessionOptions, RtspSessionOptions>? change = null)
    {
        Assert.True(RtspUrl.TryParse("rtsp://10.0.0.5/s", out var url));
        var options = new RtspSessionOptions { Url = url, Username = "admin", Password = "secret" };
        var session = new RtspSession(change?.Invoke(options) ?? options);
        session.Start(TimeSpan.Zero);
        camera.Run(session, TimeSpan.Zero);
        return session;
    }
}
