using System.Buffers;
using System.Buffers.Binary;
using Vms.Codecs.H264;

namespace Vms.Rtp.Payloads;

/// <summary>
/// Cuts access units of NAL units into RTP packets: small ones in a row into one aggregate or alone, large ones into fragments of
/// equal length, so that a unit goes out as one segmented send per run. Before every keyframe it puts the parameter sets. Made once
/// per stream, for all its viewers. The codec's own type knows the payload headers.
/// </summary>
/// <remarks>One caller at a time. No allocation after warm-up, except in <see cref="SetParameterSets"/>.</remarks>
public abstract class VideoPacketizer
{
    private const int AggregateLengthSize = 2;
    private const byte FuStart = 0x80;
    private const byte FuEnd = 0x40;

    private readonly VideoPacketizerOptions _options;
    private readonly int _headerSize;           // of a NAL unit, and of an aggregate
    private readonly int _maxPayload;
    private int _aggregated;                    // NAL units in the open aggregate, the batch's last packet
    private byte[] _parameterSets = [];         // length-prefixed
    private byte[] _configuration = [];
    private ushort _sequence;
    private uint _timestamp;

    private protected VideoPacketizer(VideoPacketizerOptions options, int headerSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxPacketSize, 128);
        _options = options;
        _headerSize = headerSize;
        _maxPayload = options.MaxPacketSize - RtpPacketView.FixedHeaderSize;
        _sequence = options.FirstSequenceNumber;
    }

    /// <summary>The packets of the last unit.</summary>
    public RtpPacketBatch Packets { get; } = new();

    /// <summary>Sequence number of the next packet.</summary>
    public ushort NextSequenceNumber => _sequence;

    /// <summary>Parameter sets to send before keyframes from now on. Cheap when they have not changed.</summary>
    /// <param name="codecParameters">A track's; unreadable ones send none.</param>
    public void SetParameterSets(ReadOnlySpan<byte> codecParameters)
    {
        if (codecParameters.SequenceEqual(_configuration))
            return;

        _configuration = codecParameters.ToArray();
        var output = new ArrayBufferWriter<byte>();
        foreach (var set in ParameterSetsOf(_configuration))
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

    /// <summary>Empty for unreadable codec parameters.</summary>
    private protected abstract IEnumerable<ReadOnlyMemory<byte>> ParameterSetsOf(ReadOnlyMemory<byte> codecParameters);

    private protected abstract bool IsDelimiter(byte header);

    /// <summary>Writes the payload header of an aggregate with its first NAL unit.</summary>
    private protected abstract void BeginAggregate(Span<byte> header, ReadOnlySpan<byte> nal);

    /// <summary>Makes the payload header of an aggregate good for one more NAL unit.</summary>
    private protected abstract void ExtendAggregate(Span<byte> header, ReadOnlySpan<byte> nal);

    /// <summary>Writes the payload header of a fragment.</summary>
    /// <returns>The type for the byte behind it, which has the start and end bits on top.</returns>
    private protected abstract byte WriteFragmentHeader(Span<byte> header, ReadOnlySpan<byte> nal);

    private void Add(ReadOnlySpan<byte> nalUnits)
    {
        foreach (var nal in new NalUnits(nalUnits))
        {
            if (nal.Length < _headerSize || (_options.DropAccessUnitDelimiters && IsDelimiter(nal[0])))
                continue;

            if (_headerSize + AggregateLengthSize + nal.Length <= _maxPayload)
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
        int overhead = _headerSize + 1;
        var rest = nal[_headerSize..];
        int count = (rest.Length + _maxPayload - overhead - 1) / (_maxPayload - overhead);
        int share = (rest.Length + count - 1) / count;
        for (int i = 0; i < count; i++)
        {
            int size = Math.Min(share, rest.Length);
            var payload = NewPacket(overhead + size);
            byte type = WriteFragmentHeader(payload, nal);
            payload[_headerSize] = (byte)(type | (i == 0 ? FuStart : 0) | (size == rest.Length ? FuEnd : 0));
            rest[..size].CopyTo(payload[overhead..]);
            rest = rest[size..];
            if (rest.IsEmpty)
                return;
        }
    }

    // An aggregate grows at the end of the batch until something does not fit.
    private void AddToAggregate(ReadOnlySpan<byte> nal)
    {
        if (_aggregated > 0 && Packets.LengthOf(Packets.Count - 1) + AggregateLengthSize + nal.Length > _options.MaxPacketSize)
            CloseAggregate();
        if (_aggregated == 0)
            BeginAggregate(NewPacket(_headerSize), nal);

        var entry = Packets.Extend(AggregateLengthSize + nal.Length);
        BinaryPrimitives.WriteUInt16BigEndian(entry, (ushort)nal.Length);
        nal.CopyTo(entry[AggregateLengthSize..]);
        ExtendAggregate(Packets.Last[RtpPacketView.FixedHeaderSize..], nal);
        _aggregated++;
    }

    private void CloseAggregate()
    {
        if (_aggregated == 1)
        {
            var payload = Packets.Last[RtpPacketView.FixedHeaderSize..];
            payload[(_headerSize + AggregateLengthSize)..].CopyTo(payload);
            Packets.Shorten(_headerSize + AggregateLengthSize);
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
