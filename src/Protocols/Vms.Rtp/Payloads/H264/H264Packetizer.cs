using System.Buffers;
using System.Buffers.Binary;
using Vms.Codecs.H264;

namespace Vms.Rtp.Payloads.H264;

/// <summary>How <see cref="H264Packetizer"/> cuts.</summary>
public sealed record H264PacketizerOptions
{
    /// <summary>Largest RTP packet with its header, bytes: 1200 leaves room for SRTP, UDP and tunnels in 1280.</summary>
    public int MaxPacketSize { get; init; } = 1200;

    public byte PayloadType { get; init; } = 96;

    public uint Ssrc { get; init; }

    public ushort FirstSequenceNumber { get; init; }

    /// <summary>Leaves access unit delimiters out: no receiver of RTP needs them.</summary>
    public bool DropAccessUnitDelimiters { get; init; } = true;
}

/// <summary>
/// Cuts H.264 access units into RTP packets (RFC 6184, packetization-mode 1): small NAL units in a row into one STAP-A (§5.7.1)
/// or alone (§5.6), large ones into FU-A (§5.8) of equal length, so that a unit goes out as one segmented send per run.
/// Before every keyframe it puts the parameter sets. Made once per stream, for all its viewers.
/// </summary>
/// <remarks>One caller at a time. No allocation after warm-up, except in <see cref="SetParameterSets"/>.</remarks>
public sealed class H264Packetizer
{
    private const int FuOverhead = 2;           // FU indicator, FU header
    private const int StapOverhead = 1;         // STAP-A NAL header
    private const int StapLengthSize = 2;
    private const byte FuStart = 0x80;
    private const byte FuEnd = 0x40;

    private readonly H264PacketizerOptions _options;
    private readonly int _maxPayload;
    private int _aggregated;                    // NAL units in the open STAP-A, the batch's last packet
    private byte[] _parameterSets = [];         // length-prefixed
    private byte[] _configuration = [];
    private ushort _sequence;
    private uint _timestamp;

    public H264Packetizer(H264PacketizerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxPacketSize, 128);
        _options = options;
        _maxPayload = options.MaxPacketSize - RtpPacketView.FixedHeaderSize;
        _sequence = options.FirstSequenceNumber;
    }

    /// <summary>The packets of the last unit.</summary>
    public RtpPacketBatch Packets { get; } = new();

    /// <summary>Sequence number of the next packet.</summary>
    public ushort NextSequenceNumber => _sequence;

    /// <summary>Parameter sets to send before keyframes from now on. Cheap when they have not changed.</summary>
    /// <param name="avcC">A track's codec parameters; unreadable ones send none.</param>
    public void SetParameterSets(ReadOnlySpan<byte> avcC)
    {
        if (avcC.SequenceEqual(_configuration))
            return;

        _configuration = avcC.ToArray();
        _parameterSets = [];
        if (!AvcDecoderConfiguration.TryParse(_configuration, out var configuration))
            return;

        var output = new ArrayBufferWriter<byte>();
        foreach (var set in configuration.Sps.Concat(configuration.Pps))
        {
            BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(NalUnits.LengthSize), set.Length);
            output.Advance(NalUnits.LengthSize);
            output.Write(set.Span);
        }

        _parameterSets = output.WrittenSpan.ToArray();
    }

    /// <summary>Fills <see cref="Packets"/> with one unit; the last packet carries the marker.</summary>
    /// <param name="unit">Length-prefixed NAL units. Borrowed for the call.</param>
    public void Packetize(ReadOnlySpan<byte> unit, uint rtpTimestamp, bool isKeyframe)
    {
        Packets.Clear();
        _timestamp = rtpTimestamp;
        if (isKeyframe)
            Add(_parameterSets);
        Add(unit);
        CloseAggregate();
        if (Packets.Count == 0)
            return;

        Packets.SetMarker(Packets.Count - 1);
        Packets.GroupRuns();
    }

    private void Add(ReadOnlySpan<byte> nalUnits)
    {
        foreach (var nal in new NalUnits(nalUnits))
        {
            if (_options.DropAccessUnitDelimiters && H264NalHeader.TypeOf(nal[0]) == H264NalUnitType.AccessUnitDelimiter)
                continue;

            if (StapOverhead + StapLengthSize + nal.Length <= _maxPayload)
                AddToAggregate(nal);
            else if (nal.Length <= _maxPayload)
                AddSingle(nal);
            else
                AddFragments(nal);
        }
    }

    private void AddSingle(ReadOnlySpan<byte> nal)
    {
        CloseAggregate();
        nal.CopyTo(NewPacket(nal.Length));
    }

    private void AddFragments(ReadOnlySpan<byte> nal)
    {
        CloseAggregate();
        byte indicator = (byte)((nal[0] & ~H264NalHeader.TypeMask) | (byte)H264NalUnitType.FuA);
        byte type = (byte)(nal[0] & H264NalHeader.TypeMask);
        var rest = nal[1..];
        int count = (rest.Length + _maxPayload - FuOverhead - 1) / (_maxPayload - FuOverhead);
        int share = (rest.Length + count - 1) / count;
        for (int i = 0; i < count; i++)
        {
            int size = Math.Min(share, rest.Length);
            var payload = NewPacket(FuOverhead + size);
            payload[0] = indicator;
            payload[1] = (byte)(type | (i == 0 ? FuStart : 0) | (size == rest.Length ? FuEnd : 0));
            rest[..size].CopyTo(payload[FuOverhead..]);
            rest = rest[size..];
            if (rest.IsEmpty)
                return;
        }
    }

    // An aggregate grows at the end of the batch until something does not fit.
    private void AddToAggregate(ReadOnlySpan<byte> nal)
    {
        if (_aggregated > 0 && Packets.LengthOf(Packets.Count - 1) + StapLengthSize + nal.Length > _options.MaxPacketSize)
            CloseAggregate();
        if (_aggregated == 0)
            NewPacket(StapOverhead)[0] = (byte)H264NalUnitType.StapA;

        var entry = Packets.Extend(StapLengthSize + nal.Length);
        BinaryPrimitives.WriteUInt16BigEndian(entry, (ushort)nal.Length);
        nal.CopyTo(entry[StapLengthSize..]);
        ref byte header = ref Packets.Last[RtpPacketView.FixedHeaderSize];
        byte refIdc = (byte)Math.Max(header & H264NalHeader.RefIdcMask, nal[0] & H264NalHeader.RefIdcMask);
        header = (byte)((nal[0] & H264NalHeader.ForbiddenBit) | (header & H264NalHeader.ForbiddenBit) | refIdc | (byte)H264NalUnitType.StapA);
        _aggregated++;
    }

    private void CloseAggregate()
    {
        if (_aggregated == 1)
        {
            var payload = Packets.Last[RtpPacketView.FixedHeaderSize..];
            payload[(StapOverhead + StapLengthSize)..].CopyTo(payload);
            Packets.Shorten(StapOverhead + StapLengthSize);
        }

        _aggregated = 0;
    }

    /// <summary>Appends a packet with its RTP header; the payload is to be written by the caller.</summary>
    private Span<byte> NewPacket(int payloadLength)
    {
        var packet = Packets.Add(RtpPacketView.FixedHeaderSize + payloadLength);
        RtpPacketWriter.WriteHeader(packet, _options.PayloadType, marker: false, _sequence++, _timestamp, _options.Ssrc);
        return packet[RtpPacketView.FixedHeaderSize..];
    }
}
