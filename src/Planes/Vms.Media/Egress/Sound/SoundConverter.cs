using System.ComponentModel;
using System.Diagnostics;
using Vms.Codecs;
using Vms.Codecs.Aac;
using Vms.Hosting.Decoding;
using Vms.Native.Opus;

namespace Vms.Media.Egress.Sound;

/// <summary>
/// Has the AAC of one stream turned into Opus by a child process. Nobody who calls it waits: frames go into a bounded queue, packets
/// come out of another. When the child ends or stands still, there is no more sound until the caller makes another converter.
/// </summary>
/// <remarks><see cref="Offer"/> and <see cref="TryTake"/> by the egress thread; two threads of its own talk to the child.</remarks>
internal sealed partial class SoundConverter : IDisposable
{
    /// <summary>Nothing has come back for so long, although there was work.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>The same before the first answer: the child has to start first, on a machine that may be busy.</summary>
    private static readonly TimeSpan s_startPatience = TimeSpan.FromSeconds(30);

    private readonly TrackInfo _track;
    private readonly string _cameraId;
    private readonly Action _ready;
    private readonly SoundCounters _counters;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SoundQueue _frames = new();
    private readonly SoundQueue _packets = new();
    private readonly Thread _sender;
    private readonly Lock _gate = new();
    private Process? _child;
    private long _taken;                // timestamp of the last packet, or of the first frame that waits for one
    private bool _waits;
    private bool _hasAnswered;
    private volatile bool _ended;

    /// <param name="track">AAC.</param>
    /// <param name="ready">Called by a thread of its own whenever there is a packet; must not block.</param>
    public SoundConverter(TrackInfo track, string cameraId, Action ready, SoundCounters counters, TimeProvider time, ILogger logger)
    {
        _track = track;
        _cameraId = cameraId;
        _ready = ready;
        _counters = counters;
        _time = time;
        _logger = logger;
        _sender = new Thread(Send) { Name = "vms sound to child", IsBackground = true };
        _sender.Start();
    }

    /// <summary>The child has ended, or could not be started: nothing more comes.</summary>
    public bool HasEnded => _ended;

    /// <summary>Process id of the child; null while there is none.</summary>
    public int? ChildId
    {
        get
        {
            lock (_gate)
                return _child?.Id;
        }
    }

    /// <summary>Gives it one access unit; what the child has no room for is dropped and counted.</summary>
    public void Offer(in SampleHeader header, ReadOnlySpan<byte> accessUnit)
    {
        var converted = header with { Pts = MediaTime.Rescale(header.Pts, _track.Timescale, OpusEncoder.Rate) };
        if (!_waits)
            (_waits, _taken) = (true, _time.GetTimestamp());
        if (accessUnit.Length > SoundMessages.MaxBytes - SoundMessages.FrameHeaderBytes || !_frames.TryAdd(converted, accessUnit))
            _counters.Drop();
    }

    /// <param name="packet">At least <see cref="OpusEncoder.MaxPacketBytes"/>.</param>
    /// <param name="header">PTS on a clock of 48 kHz.</param>
    public bool TryTake(Span<byte> packet, out SampleHeader header, out int length)
    {
        if (!_packets.TryTake(packet, out header, out length))
            return false;
        (_waits, _hasAnswered) = (false, true);
        _counters.Convert();
        return true;
    }

    /// <summary>It has had work for a while and gives nothing back.</summary>
    public bool IsStuck => _waits && _time.GetElapsedTime(_taken) > (_hasAnswered ? s_patience : s_startPatience);

    /// <summary>Ends the child; waits for nothing.</summary>
    public void Dispose()
    {
        End();
        _frames.Close();
        _packets.Close();
    }

    private void Send()
    {
        try
        {
            var child = DecoderChild.Start("vms-media", SoundWorker.Argument);
            if (!TryKeep(child))
                return;
            using var input = child.StandardInput.BaseStream;
            var output = child.StandardOutput.BaseStream;       // here: once the child was let go of it throws, and that thread has no net
            new Thread(() => Receive(output)) { Name = "vms sound from child", IsBackground = true }.Start();
            var config = _track.CodecParameters.Span;
            int channels = AudioSpecificConfig.TryParse(config, out var aac) && aac.Channels == 1 ? 1 : 2;
            input.Write(SoundMessages.Begin(channels, config));
            var frame = new byte[SoundMessages.MaxBytes];
            var message = new byte[SoundMessages.LengthBytes + SoundMessages.MaxBytes];
            while (_frames.Wait())
            {
                while (_frames.TryTake(frame, out var header, out int length))
                    input.Write(message.AsSpan(0, SoundMessages.WriteFrame(message, header, frame.AsSpan(0, length))));
                input.Flush();
            }
        }
        catch (Exception e) when (IsGone(e))
        {
            Lose(e);
        }
    }

    private void Receive(Stream output)
    {
        using var owned = output;
        try
        {
            var message = new byte[SoundMessages.MaxBytes];
            int length;
            while ((length = SoundMessages.Read(output, message)) > SoundMessages.FrameHeaderBytes)
            {
                var packet = message.AsSpan(SoundMessages.FrameHeaderBytes..length);
                if (packet.Length > OpusEncoder.MaxPacketBytes || !_packets.TryAdd(SoundMessages.ReadFrame(message), packet))
                    _counters.Drop();
                _ready();
            }

            Lose(new EndOfStreamException("It ended"));
        }
        catch (Exception e) when (IsGone(e))
        {
            Lose(e);
        }
    }

    private static bool IsGone(Exception e) =>
        e is IOException or InvalidDataException or ObjectDisposedException or InvalidOperationException or Win32Exception;

    private bool TryKeep(Process child)
    {
        lock (_gate)
        {
            if (!_ended)
            {
                _child = child;
                return true;
            }
        }

        DecoderChild.End(child);
        return false;
    }

    private void Lose(Exception reason)
    {
        if (!End())
            return;
        _counters.LoseConverter();
        Log.ConverterLost(_logger, _cameraId, reason.Message);
        _frames.Close();
        _ready();
    }

    /// <returns>False when it had ended before.</returns>
    private bool End()
    {
        Process? child;
        lock (_gate)
        {
            if (_ended)
                return false;
            _ended = true;
            (child, _child) = (_child, null);
        }

        if (child is not null)
            DecoderChild.End(child);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(2550, LogLevel.Warning, "Camera {CameraId}: the converter of its sound was lost ({Reason}); it is started again")]
        public static partial void ConverterLost(ILogger logger, string cameraId, string reason);
    }
}
