using System.Buffers;

namespace Vms.Rtp.Payloads.Metadata;

/// <summary>
/// Rebuilds the XML documents of an ONVIF metadata track (ONVIF Streaming Specification §5.2.1): a document goes over as many
/// packets as it needs, the marker ends it. The text is not looked into.
/// </summary>
/// <remarks>
/// Deviations accepted: no marker bit: a new timestamp ends a document that looks complete. After a loss the next document
/// begins behind a marker, or where a packet starts with an XML declaration or the root element.
/// </remarks>
public sealed class OnvifMetadataDepacketizer : SampleDepacketizer
{
    private static readonly SearchValues<byte> s_nameEnds = SearchValues.Create(" \t\r\n/>"u8);

    private uint _timestamp;
    private bool _awaitStart;

    public override void Reset()
    {
        base.Reset();
        _awaitStart = false;
    }

    protected override void OnLoss() => _awaitStart = true;

    protected override void PushPayload(in RtpPacketView packet)
    {
        bool begins = BeginsDocument(Trimmed(packet.Payload));
        if (packet.Timestamp != _timestamp && begins && Trimmed(Open) is [.., (byte)'>'])
            FinishDocument();
        if (Open.IsEmpty)
            _timestamp = packet.Timestamp;

        if (_awaitStart && !begins)
        {
            _awaitStart = !packet.Marker;
            return;
        }

        _awaitStart = false;
        if (!Append(packet.Payload))
        {
            _awaitStart = !packet.Marker;
            Damage(PayloadFault.UnitTooLarge);
            return;
        }

        if (packet.Marker)
            FinishDocument();
    }

    private void FinishDocument()
    {
        if (!Trimmed(Open).IsEmpty)
            Finish(.., _timestamp);
        CloseOpen();
    }

    /// <summary>"&lt;?xml", or the root element tt:MetadataStream under whatever prefix.</summary>
    private static bool BeginsDocument(ReadOnlySpan<byte> text)
    {
        if (text is not [(byte)'<', ..])
            return false;

        int end = text.IndexOfAny(s_nameEnds);
        return text.StartsWith("<?xml"u8) || (end > 0 && text[..end].EndsWith("MetadataStream"u8));
    }

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> text) => text.Trim(" \t\r\n\0"u8);
}
