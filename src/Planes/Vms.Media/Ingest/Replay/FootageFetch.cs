using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Vms.Contracts.Media;
using Vms.Media.Pipelines;
using Vms.Rtp.Rtcp;
using Vms.Rtsp;

namespace Vms.Media.Ingest.Replay;

/// <summary>
/// Plays one stretch of a device's recordings over one RTSP connection and hands on what comes. Reads no faster than its caller takes it and no more a
/// second than it was told: TCP makes the device wait. Used once.
/// </summary>
internal sealed class FootageFetch
{
    /// <summary>Of a device that plays and sends nothing: it has nothing more, or is stuck.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(10);

    /// <summary>Of a whole fetch, beyond <see cref="LongestTimes"/> its stretch: a device that plays for ever gives place to the next.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(250);

    /// <summary>A caller that does not say how fast.</summary>
    private const long DefaultBytesPerSecond = 4 << 20;

    /// <summary>A device may play in real time, and what it sends may be more than is let through.</summary>
    private const int LongestTimes = 4;

    private const int InitialBufferBytes = 128 << 10;

    /// <summary>Asked for behind the end: pictures of before it may come after one from behind it.</summary>
    private const long BehindUs = 1_000_000;

    /// <summary>As <see cref="BehindUs"/>, where the address carries the range: recorders end at the keyframe before the end, too, and their times may be guessed.</summary>
    private const long BehindByUrlUs = 3_000_000;

    /// <summary>A device that ends so little before the end has given everything.</summary>
    private const long NearlyUs = 2_000_000;

    /// <summary>As <see cref="NearlyUs"/>, where nobody knows whether its first picture is as old as what was asked for, or up to a group of pictures younger.</summary>
    private const long NearlyByUrlUs = 12_000_000;

    /// <summary>What comes from further before the stretch, or is this much longer than it, has other times than it should.</summary>
    private const long StrayUs = 600_000_000;

    private readonly FetchFootageRequest _spec;
    private readonly IngestOptions _options;
    private readonly TimeProvider _clock;
    private readonly Queue<Footage> _ready = new();
    private readonly RtspMessageReader _reader = new();
    private readonly RtspSession _rtsp;
    private readonly RtspUrl _url;
    private readonly ReadOnlyMemory<byte>? _pinned;
    private readonly (long FromUs, long ToUs)? _stretch;    // by the device's clock; the address says it
    private readonly long _nearlyUs;
    private readonly long _behindUs;
    private readonly long _started;
    private byte[] _buffer = new byte[InitialBufferBytes];
    private int _start;
    private int _end;
    private long _received;
    private TimeSpan _heardAt;      // media: answers and reports may come for ever from a device that has nothing more to play
    private MediaDescription? _sound;       // what is pulled beside the pictures
    private FootageHold? _hold;     // null: what comes is looked at
    private FootageTrack? _track;
    private FootageSound? _soundTrack;
    private bool _complete;         // everything up to the end of the stretch has come, or the device says that there is no more

    /// <exception cref="FootageFetchException">The URL is none, or what it is to be filled with.</exception>
    public FootageFetch(FetchFootageRequest spec, IngestOptions options, TimeProvider clock)
    {
        _spec = spec;
        _options = options;
        _clock = clock;
        _started = clock.GetTimestamp();
        string text = spec.Url;
        _behindUs = spec.UrlTimes.Length > 0 ? BehindByUrlUs : BehindUs;
        if (spec.UrlTimes.Length > 0)
        {
            _hold = new FootageHold();
            var range = FootageUrl.Of(spec.UrlTimes, AtDevice(spec.FromUnixUs), AtDevice(spec.ToUnixUs + _behindUs), TimeSpan.FromMicroseconds(spec.UrlZoneOffsetUs))
                ?? throw new FootageFetchException(FootageFetchException.ProtocolViolation, "The times of the device's address are written in a way that is not known.");
            (text, _stretch) = (range.Fill(text), (range.FromUs, range.ToUs));
        }

        _nearlyUs = _stretch is null ? NearlyUs : NearlyByUrlUs;
        _pinned = PipelineSpecs.ToHash(spec.TlsCertificateSha256);
        if (_pinned is null && spec.TlsCertificateSha256.Length > 0)
            throw new FootageFetchException(FootageFetchException.BadCertificate, "The pinned certificate is no SHA-256 in hexadecimal digits.");
        if (!RtspUrl.TryParse(text, out var url))
            throw new FootageFetchException(FootageFetchException.ProtocolViolation, "The device's address for its recordings is no RTSP URL.");
        _url = url.WithoutCredentials();
        _rtsp = new(new RtspSessionOptions
        {
            Url = _url,
            Username = spec.Username.Length > 0 ? spec.Username : null,
            Password = spec.Password.Length > 0 ? spec.Password : null,
            Transport = RtspTransport.Tcp,
            IsSecure = url.IsSecure,
            AllowBasicInClear = spec.AllowBasicInClear,
            VideoEncodings = VideoFormats.Encodings,
            AlsoPulled = IsSound,
            RequestTimeout = options.RequestTimeout,
            RedirectFollowed = true,        // a redirect would take the credentials to whoever it names
            Replay = _stretch is null ? new RtspReplay(AtDevice(spec.FromUnixUs), AtDevice(spec.ToUnixUs + _behindUs)) : null,
        });
    }

    /// <summary>What the device has of the stretch, from the keyframe in front of it on.</summary>
    /// <exception cref="FootageFetchException">It ended before its end; what came is good.</exception>
    public async IAsyncEnumerable<Footage> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await FootageConnection.OpenAsync(_url, _pinned, _options, _clock, cancellationToken);
        _heardAt = Now;
        _rtsp.Start(Now);
        await SendAsync(connection, cancellationToken);
        Task<int>? reading = null;
        try
        {
            while (!_complete)
            {
                reading ??= ReadAsync(connection, cancellationToken);
                if (!reading.IsCompleted)
                    await Task.WhenAny(reading, Task.Delay(s_tick, _clock, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
                if (reading.IsCompleted)
                {
                    int count = await reading;
                    reading = null;
                    if (count == 0)
                    {
                        Release();
                        while (_ready.TryDequeue(out var last))
                            yield return last;
                    }

                    Received(count);
                }

                _rtsp.Tick(Now);
                Watch();
                await SendAsync(connection, cancellationToken);
                if (_complete || _rtsp.Failure is not null)
                    Release();
                while (_ready.TryDequeue(out var footage))
                    yield return footage;
                Check();
                await PaceAsync(cancellationToken);
            }

            _rtsp.Stop();
            await SendAsync(connection, cancellationToken);
        }
        finally
        {
            // The read ends with the connection; nobody waits for what it says.
            _ = reading?.ContinueWith(static t => _ = t.Exception, TaskScheduler.Default);
        }
    }

    private TimeSpan Now => _clock.GetElapsedTime(_started);

    private TimeSpan Longest => s_longest + (LongestTimes * TimeSpan.FromMicroseconds(_spec.ToUnixUs - _spec.FromUnixUs));

    private DateTimeOffset AtDevice(long ourUs) => DateTimeOffset.UnixEpoch.AddMicroseconds(ourUs + _spec.ClockOffsetUs);

    private async Task<int> ReadAsync(Stream connection, CancellationToken cancellationToken)
    {
        if (_end == _buffer.Length)
            MakeRoom(_end - _start + 1);
        try
        {
            return await connection.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return 0;
        }
    }

    private async Task SendAsync(Stream connection, CancellationToken cancellationToken)
    {
        try
        {
            while (_rtsp.TryTakeOutgoing(out byte[] bytes))
                await connection.WriteAsync(bytes, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The next read says that the connection is gone.
        }
    }

    private void Received(int count)
    {
        if (count == 0)
        {
            Closed();
            return;
        }

        _received += count;
        _end += count;
        while (!_complete && _rtsp.State != RtspSessionState.Ended)
        {
            var item = _reader.Read(_buffer.AsSpan(_start, _end - _start));
            _start += item.Consumed;
            switch (item.Kind)
            {
                case RtspItemKind.Interleaved:
                    Interleaved(item.Channel, item.Payload);
                    break;
                case RtspItemKind.Message:
                    if (_rtsp.State != RtspSessionState.Playing)
                        _heardAt = Now;
                    _rtsp.Receive(item.Message!, Now);
                    if (_track is null && _rtsp.State is RtspSessionState.Starting)
                        Begin();
                    break;
                case RtspItemKind.Violation:
                    _rtsp.Violate(item.Violation);
                    break;
                default:
                    if (_start == _end)
                        _start = _end = 0;
                    else if (item.Wanted > _buffer.Length - _start)
                        MakeRoom(item.Wanted);
                    return;
            }
        }
    }

    private void Begin()
    {
        if (_rtsp.Tracks.Skip(1).FirstOrDefault() is { } pulled && TrackFormat.TryFrom(pulled.Media, out var format))
            _soundTrack = new FootageSound(pulled.Media.PayloadType, format, _spec.ClockOffsetUs, _stretch);
        _track = new FootageTrack(_rtsp.Tracks[0].Media, _spec.ClockOffsetUs, _stretch, () => _soundTrack?.Describe());
    }

    /// <summary>The first track of sound of those that the archive keeps as they are.</summary>
    private bool IsSound(MediaDescription media)
    {
        if (_sound is null && FootageSound.IsKept(media))
            _sound = media;
        return ReferenceEquals(media, _sound);
    }

    private void Interleaved(byte channel, ReadOnlySpan<byte> payload)
    {
        if (_track is not { } track)
            return;
        var (video, sound) = (_rtsp.Tracks[0], _rtsp.Tracks.Count > 1 ? _rtsp.Tracks[1] : null);
        if (channel == video.RtpChannel)
        {
            _heardAt = Now;
            Take(isSound: false, payload);
        }
        else if (channel == video.RtcpChannel)
        {
            foreach (var packet in new RtcpReader(payload))
            {
                if (packet.TryReadSenderReport(out var report))
                {
                    track.Reported(report);
                    if (_hold is { } hold && track.IsSettled)
                    {
                        if (track.ReportedAt(hold.First ?? report.RtpTimestamp) is { } beginUs)
                            _soundTrack?.BeginsAt(beginUs);
                        Release();
                    }
                }

                _complete |= packet.Type == RtcpPacketType.Goodbye;
            }
        }
        else if (channel == sound?.RtpChannel)
        {
            Take(isSound: true, payload);
        }
        else if (channel == sound?.RtcpChannel)
        {
            foreach (var packet in new RtcpReader(payload))
            {
                if (packet.TryReadSenderReport(out var report))
                    _soundTrack?.Reported(report);
            }
        }

        _complete |= track.ReachedUs >= _spec.ToUnixUs + (_behindUs / 2);
    }

    private void Take(bool isSound, ReadOnlySpan<byte> datagram)
    {
        if (_hold?.TryAdd(isSound, datagram) == true)
            return;
        Release();
        Receive(isSound, datagram);
    }

    private void Receive(bool isSound, ReadOnlySpan<byte> datagram)
    {
        if (!isSound)
            _track?.Receive(datagram, _ready);
        else
            _soundTrack?.Receive(datagram, _track is { IsDescribed: true } ? _ready : null);
    }

    /// <summary>What was held is looked at, and nothing is held any more.</summary>
    private void Release()
    {
        if (_hold is not { } hold)
            return;
        _hold = null;
        foreach (var (isSound, datagram) in hold.Datagrams)
            Receive(isSound, datagram);
    }

    /// <summary>A device that plays on while it has more: where it ends a stretch and says nothing more, it has no more.</summary>
    private void Watch()
    {
        if (_rtsp.State == RtspSessionState.Playing && Now - _heardAt >= s_silence)
        {
            if (_hold is not null)
                Release();      // and looked at again when that is handed on
            else if (HasEnded || _track?.ReachedUs is null)
                _complete = true;
            else
                throw new FootageFetchException(FootageFetchException.BrokeOff, $"The device sent nothing more for {s_silence.TotalSeconds:0} s, before the end of what was asked for.");
        }
    }

    private void Closed()
    {
        if (HasEnded)
            _complete = true;
        else if (_track?.ReachedUs is not null)
            throw new FootageFetchException(FootageFetchException.BrokeOff, "The device closed the connection before the end of what was asked for.");
        else
            throw new FootageFetchException(FootageFetchException.Unreachable, "The device closed the connection.");
    }

    private bool HasEnded => _track is { SectionEnded: true } || _track?.ReachedUs >= _spec.ToUnixUs - _nearlyUs;

    private void Check()
    {
        if (_track is { ReachedUs: { } reached } track && (reached < _spec.FromUnixUs - StrayUs || track.PlayedUs > _spec.ToUnixUs - _spec.FromUnixUs + StrayUs))
            throw new FootageFetchException(FootageFetchException.WrongTimes, "The device plays another time than the one it was asked for.");
        if (!_complete && Now > Longest)
            throw new FootageFetchException(FootageFetchException.BrokeOff, "The device plays so slowly that the rest was given up.");
        if (_rtsp.Failure is { } failure && !_complete)
            throw FootageFetchException.From(failure, _track?.ReachedUs is not null);
        if (_track is { Untimed: > 0, ReachedUs: null })
            throw new FootageFetchException(FootageFetchException.NoTimes, "The device does not say when its recordings were made; without that they have no place in the archive.");
    }

    /// <summary>Waits until no more has been taken than was allowed by now. Recording and live video come first.</summary>
    private async ValueTask PaceAsync(CancellationToken cancellationToken)
    {
        long rate = _spec.MaxBytesPerSecond > 0 ? _spec.MaxBytesPerSecond : DefaultBytesPerSecond;
        var ahead = TimeSpan.FromSeconds((double)_received / rate) - Now;
        if (ahead > s_tick)
        {
            await Task.Delay(ahead < s_silence / 2 ? ahead : s_silence / 2, _clock, cancellationToken);
            _heardAt = Now;
        }
    }

    private void MakeRoom(int wanted)
    {
        byte[] target = wanted > _buffer.Length
            ? new byte[Math.Min(Math.Max(wanted, _buffer.Length * 2), RtspMessageReader.MaxItemBytes)]
            : _buffer;
        _buffer.AsSpan(_start, _end - _start).CopyTo(target);
        _end -= _start;
        _start = 0;
        _buffer = target;
    }
}
