using System.Collections.Concurrent;
using Vms.Codecs;
using Vms.Media.Streams;
using Vms.StreamLog;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Egress;

/// <summary>A camera without a wire: puts footage into a stream log at its own pace, as ingest would.</summary>
internal sealed class CameraFeed : IAsyncDisposable
{
    private const int Timescale = 90_000;
    private const long SoundOrigin = 777_777;
    private readonly Lock _gate = new();        // the test changes what the running camera sends
    private VideoFootage _footage;
    private IReadOnlyList<byte[]> _samples;
    private int _position;
    private readonly StreamLogWriter _writer;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private bool _discontinuity;
    private long _pts = 12_345_678;
    private long _soundTicks;
    private int _soundPosition;

    /// <param name="sound">Beside the video; null: none.</param>
    public CameraFeed(StreamLogDirectory logs, string cameraId, VideoFootage footage, AudioFootage? sound = null)
    {
        _footage = footage;
        Sound = sound;
        _samples = footage.ToSamples();
        Stream = new LiveStream(cameraId, "main", logs, TimeProvider.System);
        _writer = StreamLogWriter.Open(logs, Stream.LogName, new StreamLogOptions(), TimeProvider.System);
        Publish(footage.Track);
    }

    public LiveStream Stream { get; }

    public AudioFootage? Sound { get; }

    /// <summary>The camera goes on announcing its sound and sends none.</summary>
    public bool IsMute { get; set; }

    /// <summary>Frames of sound written so far.</summary>
    public int SoundWritten { get; private set; }

    /// <summary>Samples written so far.</summary>
    public int Written { get; private set; }

    /// <summary>PTS and wall clock of the last sample.</summary>
    public (long Pts, DateTimeOffset At) Last { get; private set; }

    /// <summary>When each sample was written, by the low half of its PTS.</summary>
    public ConcurrentDictionary<uint, DateTimeOffset> WrittenAt { get; } = new();

    private TimeSpan Interval => TimeSpan.FromSeconds(1.0 / _footage.Spec.FrameRate);

    /// <summary>Writes samples without waiting; the last one was captured now.</summary>
    public void Write(int count)
    {
        lock (_gate)
        {
            for (int i = count - 1; i >= 0; i--)
                WriteNext(i * Interval);
        }

        Stream.SignalSubscribers();
    }

    /// <summary>Goes on in real time until disposed.</summary>
    public void Run() => _running = RunAsync();

    /// <summary>What a reconnect looks like: PTS from another origin.</summary>
    public void Reconnect()
    {
        lock (_gate)
        {
            _pts = Random.Shared.Next();
            _discontinuity = true;
        }
    }

    /// <summary>The camera goes on with another resolution or profile.</summary>
    public async Task SwitchAsync(FootageSpec spec)
    {
        var footage = await VideoFootage.LoadAsync(spec);
        lock (_gate)
        {
            _footage = footage;
            _samples = footage.ToSamples();
            _position = 0;
            Publish(footage.Track);
        }
    }

    public async Task PauseAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await PauseAsync();
        _writer.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
                Write(1);
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private void Publish(TrackInfo track)
    {
        TrackInfo[] tracks = Sound is null ? [track] : [track, Sound.Track];
        _writer.SetTracks(tracks);
        Stream.PublishTracks(tracks);
    }

    /// <summary>Sound up to the end of the picture that has just been written, each frame once it is over; captured as the picture says.</summary>
    private void WriteSound(long pictureUs)
    {
        if (Sound is null)
            return;
        int rate = Sound.Track.Timescale;
        long picture = MediaTime.FromTimeSpan(Written * Interval, rate).Ticks;
        while (true)
        {
            var frame = Sound.Frames[_soundPosition % Sound.Frames.Count];
            if (_soundTicks + frame.Ticks > picture + MediaTime.FromTimeSpan(Interval, rate).Ticks)
                return;
            var header = new SampleHeader(
                Sound.Track.Id, SampleFlags.None, GapCause.None, _writer.TracksVersion, SoundOrigin + _soundTicks,
                pictureUs + MediaTime.Rescale(_soundTicks - picture, rate, 1_000_000));
            if (!IsMute)
            {
                Assert.Equal(AppendResult.Appended, _writer.Append(header, frame.Data.Span));
                SoundWritten++;
            }

            _soundPosition++;
            _soundTicks += frame.Ticks;
        }
    }

    private void WriteNext(TimeSpan age)
    {
        int at = _position++ % _samples.Count;
        var flags = _footage.Frames[at].IsKeyframe ? SampleFlags.Keyframe : SampleFlags.None;
        if (_discontinuity)
            flags |= SampleFlags.Discontinuity;
        var now = TimeProvider.System.GetUtcNow();
        var header = new SampleHeader(
            0, flags, _discontinuity ? GapCause.CameraOffline : GapCause.None, _writer.TracksVersion, _pts,
            (now - age - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        Assert.Equal(AppendResult.Appended, _writer.Append(header, _samples[at]));
        Last = (_pts, now);
        WrittenAt[(uint)_pts] = now;
        WriteSound(header.CaptureTimeUs);
        _discontinuity = false;
        _pts += Timescale / _footage.Spec.FrameRate;
        Written++;
    }
}
