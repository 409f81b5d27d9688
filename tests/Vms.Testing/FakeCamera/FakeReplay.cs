using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;
using Vms.Codecs;
using Vms.Testing.Footage;

namespace Vms.Testing.FakeCamera;

/// <summary>Plays a <see cref="FakeRecording"/> to one client over TCP, as fast as the client reads. Written after ONVIF's Streaming Specification and knowing nothing of
/// the reader in the product: RTP's timestamps go on over holes, only the header extension says when a picture was taken.</summary>
internal sealed partial class FakeReplay
{
    private const int ExtensionBytes = 16;

    private readonly FakeCamera _camera;
    private readonly FakeRecording _recording;
    private readonly DateTimeOffset _start;
    private readonly long _end;
    private readonly byte _channel;
    private readonly uint _ssrc;
    private readonly byte _request;
    private readonly FakeReplaySound[] _sounds;
    private long _next;
    private long _sent;
    private ushort _sequence = 1;
    private bool _afterHole;

    private FakeReplay(
        FakeCamera camera, FakeRecording recording, DateTimeOffset start, long first, long end, int channel, uint ssrc, string cseq, IReadOnlyList<(SideTrack Track, int Channel)> sides)
    {
        (_camera, _recording, _start, _next, _end) = (camera, recording, start, first, end);
        (_channel, _ssrc, _request) = ((byte)channel, ssrc, (byte)int.Parse(cseq, CultureInfo.InvariantCulture));
        var begin = Recorded(first) - start;
        _sounds = [.. sides.Where(s => s.Track.Media == "audio").Select(s => new FakeReplaySound(s.Track, s.Channel, start, begin, TellsTimes && !recording.TellsNoTimesOfSound))];
    }

    private bool TellsTimes => _recording is { TellsNoTimes: false, PlaysByUrl: false };

    /// <summary>Everything was sent.</summary>
    public bool IsOver => _next >= _end;

    /// <summary>The client finds the connection broken now.</summary>
    public bool Breaks => _recording.BreaksAfter > 0 && _sent >= _recording.BreaksAfter;

    /// <summary>It plays no more and says that it is there.</summary>
    public bool IsSilent => _recording.SilentAfter > 0 && _sent >= _recording.SilentAfter;

    /// <summary>A receiver report without blocks, in the interleaved framing.</summary>
    public byte[] Report()
    {
        byte[] report = [(byte)'$', (byte)(_channel + 1), 0, 8, 0x80, 201, 0, 1, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(8), _ssrc);
        return report;
    }

    /// <param name="range">"clock=20261130T230102.123Z-20261130T230502.123Z"; the end may be missing.</param>
    /// <returns>Null when nothing of it is there.</returns>
    public static FakeReplay? Of(
        FakeCamera camera, FakeRecording recording, string range, int channel, uint ssrc, string cseq, IReadOnlyList<(SideTrack Track, int Channel)> sides)
    {
        var asked = Clock().Match(range);
        return asked.Success
            ? Between(camera, recording, TimeOf(asked.Groups[1].Value), asked.Groups[2].Length == 0 ? null : TimeOf(asked.Groups[2].Value), channel, ssrc, cseq, sides)
            : null;
    }

    /// <summary>As <see cref="Of"/>, of an address that carries the range.</summary>
    public static FakeReplay? OfUrl(FakeCamera camera, FakeRecording recording, string url, int channel, uint ssrc, IReadOnlyList<(SideTrack Track, int Channel)> sides)
    {
        var asked = InUrl().Match(url);
        return asked.Success
            ? Between(camera, recording, Local(asked.Groups[1].Value) - recording.Zone, Local(asked.Groups[2].Value) - recording.Zone, channel, ssrc, "0", sides)
            : null;
    }

    private static FakeReplay? Between(
        FakeCamera camera, FakeRecording recording, DateTimeOffset from, DateTimeOffset? to, int channel, uint ssrc, string cseq, IReadOnlyList<(SideTrack Track, int Channel)> sides)
    {
        var start = (recording.Start ?? camera.EpochUtc) + recording.ClockOffset;
        long frames = Math.Min(recording.Frames, recording.Start is null ? camera.CurrentFrame : long.MaxValue);
        long first = Math.Max(0, FrameAt(camera, from + recording.PlaysLater - start));
        long end = to is { } until ? Math.Min(frames, FrameAt(camera, until + recording.PlaysLater - start) + 1) : frames;
        while (first > 0 && !camera.PacketsOf(first).IsKeyframe)
            first--;
        return first >= end ? null : new FakeReplay(camera, recording, start, first, end, channel, ssrc, cseq, sides);
    }

    /// <summary>The next picture's packets in the interleaved framing.</summary>
    public byte[] Take()
    {
        while (_recording.Holes.Any(hole => _next >= hole.Start.Value && _next < hole.End.Value) || (_afterHole && !_camera.PacketsOf(_next).IsKeyframe))
        {
            _next++;
            _afterHole = true;
        }

        if (IsOver)
            return [];
        var all = new MemoryStream();
        bool reports = (_recording.ReportsRecordedTimes || _recording.ReportsSendingTimes) && _camera.PacketsOf(_next).IsKeyframe;
        if (reports && !_recording.ReportsBehind)
            all.Write(SenderReport());
        foreach (var sound in _sounds)
            sound.WriteUntil(Recorded(_next) - _start, all);
        var frame = _camera.PacketsOf(_next);
        byte[] template = [.. frame.Bytes];
        new FrameStamp(_camera.Number, (uint)_next, FrameStamp.NowNs).Write(template.AsSpan(frame.StampAt));
        for (int i = 0; i < frame.Packets.Length; i++)
        {
            int from = frame.Packets[i];
            int to = i + 1 < frame.Packets.Length ? frame.Packets[i + 1] : template.Length;
            bool told = i == 0 && TellsTimes && (frame.IsKeyframe || !_recording.TellsTimesOfKeyframes);
            Write(all, template.AsSpan(from..to), told ? Extension(frame.IsKeyframe) : []);
        }

        if (reports && _recording.ReportsBehind)
            all.Write(SenderReport());
        _afterHole = false;
        _next++;
        _sent++;
        return all.ToArray();
    }

    private byte[] Extension(bool isKeyframe)
    {
        byte[] extension = new byte[ExtensionBytes];
        var recorded = Recorded(_next);
        BinaryPrimitives.WriteUInt32BigEndian(extension, 0xABAC0003);
        BinaryPrimitives.WriteUInt64BigEndian(extension.AsSpan(4), NtpTime.FromUnixMicroseconds((recorded - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond));
        bool ends = _next + 1 >= _end || _recording.Holes.Any(hole => hole.Start.Value == _next + 1);
        extension[12] = (byte)((isKeyframe ? 0x80 : 0) | (ends ? 0x40 : 0) | (_afterHole ? 0x20 : 0));
        extension[13] = _request;
        return extension;
    }

    private DateTimeOffset Recorded(long frame) => _start + (frame * TimeSpan.FromTicks(_camera.FrameNs / 100));

    /// <summary>In the interleaved framing.</summary>
    private byte[] SenderReport()
    {
        byte[] report = new byte[4 + 28];
        (report[0], report[1], report[3], report[4], report[5], report[7]) = ((byte)'$', (byte)(_channel + 1), 28, 0x80, 200, 6);
        var told = _recording.ReportsRecordedTimes ? Recorded(_next) : TimeProvider.System.GetUtcNow();
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(8), _ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(report.AsSpan(12), NtpTime.FromUnixMicroseconds((told - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond));
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(20), _camera.TimestampBase + (uint)(_sent * _camera.TicksPerFrame));
        return report;
    }

    private void Write(MemoryStream all, ReadOnlySpan<byte> packet, ReadOnlySpan<byte> extension)
    {
        Span<byte> head = stackalloc byte[FootagePackets.InterleavedHeader + FootagePackets.RtpHeader];
        packet[..head.Length].CopyTo(head);
        head[1] = _channel;
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)(packet.Length - FootagePackets.InterleavedHeader + extension.Length));
        if (extension.Length > 0)
            head[FootagePackets.InterleavedHeader] |= 0x10;
        BinaryPrimitives.WriteUInt16BigEndian(head[6..], _sequence++);
        BinaryPrimitives.WriteUInt32BigEndian(head[8..], _camera.TimestampBase + (uint)(_sent * _camera.TicksPerFrame));
        BinaryPrimitives.WriteUInt32BigEndian(head[12..], _ssrc);
        all.Write(head);
        all.Write(extension);
        all.Write(packet[head.Length..]);
    }

    private static long FrameAt(FakeCamera camera, TimeSpan sinceStart) => Math.DivRem(sinceStart.Ticks * 100, camera.FrameNs).Quotient;

    private static DateTimeOffset TimeOf(string text) => DateTimeOffset.ParseExact(
        text, ["yyyyMMdd'T'HHmmss'Z'", "yyyyMMdd'T'HHmmss.FFFFFF'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static DateTimeOffset Local(string text) =>
        DateTimeOffset.ParseExact(text, ["yyyyMMdd'T'HHmmss'Z'", "yyyy_MM_dd_HH_mm_ss"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    [GeneratedRegex("[?&]starttime=([0-9TZ_]+)&endtime=([0-9TZ_]+)")]
    private static partial Regex InUrl();

    [GeneratedRegex("^clock=([0-9]{8}T[0-9]{6}(?:\\.[0-9]+)?Z)-([0-9]{8}T[0-9]{6}(?:\\.[0-9]+)?Z)?$")]
    private static partial Regex Clock();
}
