using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Codecs.H265;
using Vms.Testing.Footage;

namespace Vms.Testing.FakeCamera;

/// <summary>Footage cut into RTP packets once, as templates in the interleaved framing of RTSP: a session copies a frame's
/// template and fills in channel, sequence number, timestamp, SSRC and the stamp. Immutable.</summary>
internal sealed class FootagePackets
{
    public const int InterleavedHeader = 4;
    public const int RtpHeader = 12;

    private static readonly ConditionalWeakTable<VideoFootage, Dictionary<int, FootagePackets>> s_cache = [];

    /// <param name="Bytes">All packets, each behind its 4 bytes of interleaved header.</param>
    /// <param name="Packets">Offsets of the interleaved headers.</param>
    /// <param name="ParameterSetPackets">How many of the first packets carry parameter sets.</param>
    /// <param name="StampAt">Offset of the stamp's text.</param>
    public sealed record Frame(byte[] Bytes, int[] Packets, int ParameterSetPackets, int StampAt, bool IsKeyframe);

    private FootagePackets(VideoFootage footage, int maxPayload)
    {
        Footage = footage;
        Frames = [.. footage.Frames.Select(frame => Cut(footage, frame, maxPayload))];
    }

    public VideoFootage Footage { get; }

    public IReadOnlyList<Frame> Frames { get; }

    public static FootagePackets Of(VideoFootage footage, int maxPayload)
    {
        var bySize = s_cache.GetOrCreateValue(footage);
        lock (bySize)
        {
            if (!bySize.TryGetValue(maxPayload, out var packets))
                bySize[maxPayload] = packets = new FootagePackets(footage, maxPayload);
            return packets;
        }
    }

    private static Frame Cut(VideoFootage footage, FootageFrame frame, int maxPayload)
    {
        var bytes = new MemoryStream();
        var packets = new List<int>();
        bool isH265 = footage.Track.Codec == CodecKind.H265;
        if (frame.IsKeyframe)
        {
            foreach (var set in footage.ParameterSets)
                AddNal(set.Span);
        }

        int parameterSets = packets.Count;
        int stamp = (int)bytes.Length;
        AddNal(new FrameStamp(0, 0, 0).ToSei(footage.Track.Codec));
        foreach (var nal in frame.NalUnits)
            AddNal(nal.Span);

        byte[] all = bytes.ToArray();
        all[packets[^1] + InterleavedHeader + 1] |= 0x80;       // marker
        return new Frame(all, [.. packets], parameterSets, stamp + FrameStamp.IndexIn(all.AsSpan(stamp)), frame.IsKeyframe);

        void AddNal(ReadOnlySpan<byte> nal)
        {
            if (nal.Length <= maxPayload)
            {
                AddPacket([], nal);
                return;
            }

            byte[] header = isH265
                ? [(byte)((nal[0] & ~H265NalHeader.TypeMask) | ((byte)H265NalUnitType.Fu << 1)), nal[1], (byte)H265NalHeader.TypeOf(nal[0])]
                : [(byte)((nal[0] & ~H264NalHeader.TypeMask) | (byte)H264NalUnitType.FuA), (byte)H264NalHeader.TypeOf(nal[0])];
            byte type = header[^1];
            int first = header.Length - 1;
            for (int at = first; at < nal.Length; at += maxPayload - header.Length)
            {
                int size = Math.Min(maxPayload - header.Length, nal.Length - at);
                int start = at == first ? 0x80 : 0, end = at + size == nal.Length ? 0x40 : 0;
                header[^1] = (byte)(type | start | end);
                AddPacket(header, nal.Slice(at, size));
            }
        }

        void AddPacket(ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest)
        {
            packets.Add((int)bytes.Length);
            Span<byte> header = stackalloc byte[InterleavedHeader + RtpHeader];
            header.Clear();
            header[0] = (byte)'$';
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(RtpHeader + head.Length + rest.Length));
            header[InterleavedHeader] = 0x80;
            header[InterleavedHeader + 1] = FakeCameraServer.PayloadType;
            bytes.Write(header);
            bytes.Write(head);
            bytes.Write(rest);
        }
    }
}
