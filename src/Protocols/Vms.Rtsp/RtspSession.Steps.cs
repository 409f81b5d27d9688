using System.Globalization;

namespace Vms.Rtsp;

public sealed partial class RtspSession
{
    private void OptionsAnswered(RtspMessage message, TimeSpan now)
    {
        if (message.IsSuccess)
            RememberPublic(message);
        if (message.StatusCode is 301 or 302)
            Redirect(message);
        else
            Describe(now);      // an error says nothing about DESCRIBE
    }

    private void Describe(TimeSpan now)
    {
        State = RtspSessionState.Describing;
        Send(new("DESCRIBE", _base.RequestUri) { Headers = [new("Accept", "application/sdp")] }, now);
    }

    private void DescribeAnswered(RtspMessage message, TimeSpan now)
    {
        if (message.StatusCode is 301 or 302)
        {
            Redirect(message);
            return;
        }

        if (!message.IsSuccess)
        {
            Refuse("DESCRIBE", message);
            return;
        }

        Description = SessionDescription.Parse(message.Body.Span);
        if (Description is null)
        {
            Fail(RtspFailureKind.ProtocolViolation, "The camera's description of the stream cannot be read.");
            return;
        }

        var video = _options.VideoEncodings.Select(Description.FirstVideo).FirstOrDefault(m => m is not null);
        if (video is null)
        {
            string[] found = [.. Description.Media.Where(m => m.IsVideo).Select(m => m.Encoding.Length == 0 ? "unknown" : m.Encoding)];
            Fail(RtspFailureKind.UnsupportedCodec, found.Length == 0
                ? "The camera offers no video track."
                : $"The camera sends {string.Join(", ", found.Take(4))}; supported is {string.Join(", ", _options.VideoEncodings)}.");
            return;
        }

        _base = RtspUrl.BaseOf(_options.Url.WithoutCredentials(), message.Headers);
        _aggregate = _base.Resolve(Description.Control);
        Select(video, Description);
        SetUpNext(now);
    }

    private void Select(MediaDescription video, SessionDescription description)
    {
        _toSetUp.Enqueue(video);
        foreach (var media in description.Media)
        {
            if (ReferenceEquals(media, video) || media.IsBackchannel)
                continue;
            if (!media.IsVideo && _toSetUp.Count < MaxTracks && _options.AlsoPulled(media))
                _toSetUp.Enqueue(media);
            else
                _leftOut.Add(NameOf(media));
        }
    }

    private void SetUpNext(TimeSpan now)
    {
        if (!_toSetUp.TryPeek(out var track))
        {
            State = RtspSessionState.Starting;
            Play(now);
            return;
        }

        State = RtspSessionState.SettingUp;
        int index = _tracks.Count;
        string transport = _options.Transport switch
        {
            RtspTransport.Udp when _options.ClientRtpPort(index) is var port =>
                string.Create(CultureInfo.InvariantCulture, $"RTP/AVP;unicast;client_port={port}-{port + 1}"),
            RtspTransport.Multicast => "RTP/AVP;multicast",
            _ => string.Create(CultureInfo.InvariantCulture, $"RTP/AVP/TCP;unicast;interleaved={2 * index}-{(2 * index) + 1}"),
        };
        var headers = new List<KeyValuePair<string, string>> { new("Transport", transport) };
        if (_options.Replay is not null && !_replaysBare)
            headers.Add(new("Require", RtspReplay.Feature));
        Send(new("SETUP", _base.Resolve(track.Control).RequestUri) { Headers = headers }, now);
    }

    private void Play(TimeSpan now) => Send(
        new("PLAY", _aggregate.RequestUri) { Headers = _options.Replay?.Headers(_replaysBare) ?? [new("Range", "npt=0.000-")] }, now);

    /// <summary>Recorders know ranges that know nothing of ONVIF's feature: without it they play in real time (RFC 2326 §12.32).</summary>
    private bool ReplaysBareFrom(RtspMessage message)
    {
        if (message.StatusCode != 551 || _options.Replay is null || _replaysBare)
            return false;
        return _replaysBare = true;
    }

    private void SetupAnswered(RtspMessage message, TimeSpan now)
    {
        RememberSession(message);
        if (ReplaysBareFrom(message))
        {
            SetUpNext(now);
            return;
        }

        var track = _toSetUp.Dequeue();
        bool isVideo = _tracks.Count == 0;
        if (!message.IsSuccess)
        {
            if (isVideo)
            {
                Refuse("SETUP", message);
                return;
            }

            _leftOut.Add($"{NameOf(track)} (SETUP was answered {Status(message)})");
            SetUpNext(now);
            return;
        }

        var transport = TransportHeader.Parse(message.Headers["Transport"]);
        if (!IsAsAsked(transport))
        {
            if (isVideo)
            {
                Fail(RtspFailureKind.TransportRefused, "The camera answered SETUP with another transport than the one asked for.");
                return;
            }

            _leftOut.Add($"{NameOf(track)} (another transport)");
        }
        else
        {
            _tracks.Add(new(_tracks.Count, track) { Transport = transport });
        }

        SetUpNext(now);
    }

    /// <summary>Of another track than the video: the picture does not wait for it.</summary>
    private void SetupUnanswered(TimeSpan now)
    {
        _leftOut.Add($"{NameOf(_toSetUp.Dequeue())} (SETUP was not answered)");
        SetUpNext(now);
    }

    /// <summary>A reply that says nothing of the kind means what was asked for.</summary>
    private bool IsAsAsked(TransportHeader transport) => _options.Transport switch
    {
        RtspTransport.Udp => !transport.IsInterleaved && !transport.IsMulticast,
        RtspTransport.Multicast => transport is { IsInterleaved: false, Destination: not null, MulticastRtpPort: not null },
        _ => !transport.IsMulticast && (transport.IsInterleaved || transport.ServerRtpPort is null),
    };

    private static string NameOf(MediaDescription media)
    {
        string kind = media.IsVideo ? "video" : media.IsAudio ? "audio" : "data";
        string encoding = media.Encoding.Length == 0 ? "unknown" : new(media.Encoding.Where(c => c is > ' ' and <= '~').ToArray());
        return string.Create(CultureInfo.InvariantCulture, $"{kind} {encoding}{(media.ClockRate > 0 ? $"/{media.ClockRate}" : "")}{(media.Channels > 1 ? $"/{media.Channels}" : "")}");
    }

    private void PlayAnswered(RtspMessage message, TimeSpan now)
    {
        RememberSession(message);
        if (ReplaysBareFrom(message))
        {
            Play(now);
            return;
        }

        if (!message.IsSuccess)
        {
            Refuse("PLAY", message);
            return;
        }

        RtpInfo = Rtsp.RtpInfo.Parse(message.Headers["RTP-Info"]);
        State = RtspSessionState.Playing;
        ScheduleKeepAlive(now);
    }

    /// <summary>To the base URL: some cameras know only that one.</summary>
    private void KeepAlive(TimeSpan now)
    {
        ScheduleKeepAlive(now);
        Send(new(_hasGetParameter ? "GET_PARAMETER" : "OPTIONS", _base.RequestUri) { IsKeepAlive = true }, now);
    }

    private void KeepAliveAnswered(RtspMessage message, TimeSpan now)
    {
        if (message.StatusCode == 454)
        {
            Fail(RtspFailureKind.SessionLost, "The camera forgot the session (454).");
            return;
        }

        RememberSession(message);
        if (!message.IsSuccess && _hasGetParameter)
        {
            _hasGetParameter = false;       // announced and refused: OPTIONS from now on, at once
            KeepAlive(now);
        }
    }

    private void ScheduleKeepAlive(TimeSpan now)
    {
        var half = _sessionTimeout / 2;
        _keepAliveAt = now + (half > s_longestKeepAlive ? s_longestKeepAlive : half < s_shortestKeepAlive ? s_shortestKeepAlive : half);
    }

    private void RememberPublic(RtspMessage message) =>
        _hasGetParameter = message.Headers.All("Public")
            .SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries))
            .Contains("GET_PARAMETER", StringComparer.OrdinalIgnoreCase);

    /// <summary>"id ; timeout = 60". The newest id counts: some cameras change it.</summary>
    private void RememberSession(RtspMessage message)
    {
        string[] fields = (message.Headers["Session"] ?? "").Split(';', StringSplitOptions.TrimEntries);
        if (fields[0].Length == 0)
            return;

        _sessionId = fields[0];
        foreach (string field in fields.Skip(1))
        {
            string[] pair = field.Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair.Length == 2 && pair[0].Equals("timeout", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds > 0)
            {
                _sessionTimeout = TimeSpan.FromSeconds(seconds);
            }
        }
    }

    private void Redirect(RtspMessage message)
    {
        if (_options.RedirectFollowed || !RtspUrl.TryParse(message.Headers["Location"], out var target))
        {
            Fail(RtspFailureKind.ProtocolViolation, "The camera redirects in a circle, or to nowhere.");
            return;
        }

        End(new(RtspFailureKind.Redirected, $"Redirected to {target}.") { RedirectTo = target.WithoutCredentials() });
    }

    private void Refuse(string method, RtspMessage message)
    {
        string status = Status(message);
        switch (message.StatusCode)
        {
            case 403:
                Fail(RtspFailureKind.BadCredentials, $"The camera forbids {method} for this user: {status}.");
                break;
            case 404 or 410:
                Fail(RtspFailureKind.NoSuchPath, $"The camera has no stream at this path: {status}.");
                break;
            case 454:
                Fail(RtspFailureKind.SessionLost, $"The camera does not know the session: {status}.");
                break;
            case 457:
                Fail(RtspFailureKind.NoSuchRange, $"The device has nothing of this time: {status}.");
                break;
            case 461:
                Fail(RtspFailureKind.TransportRefused, $"The camera refuses {_options.Transport.ToString().ToUpperInvariant()}: {status}.");
                break;
            case 453 or >= 500:
                Fail(RtspFailureKind.Refused, $"The camera gives no video now: {method} was answered {status}.");
                break;
            default:
                Fail(RtspFailureKind.ProtocolViolation, $"{method} was answered {status}.");
                break;
        }
    }
}
