namespace Vms.Containers.Mp4;

/// <summary>`esds` with an ES_Descriptor for AAC (ISO/IEC 14496-14 §5.6, ISO/IEC 14496-1 §7.2.6).</summary>
internal static class ElementaryStream
{
    private const byte EsDescriptor = 3;
    private const byte DecoderConfig = 4;
    private const byte DecoderSpecific = 5;
    private const byte SlConfig = 6;
    private const byte Aac = 0x40;              // objectTypeIndication: ISO/IEC 14496-3
    private const int DecoderConfigBytes = 13;
    private const int EsHeaderBytes = 3;
    private const int MaxLength = 127;          // of a descriptor whose length we write in one byte

    public static void Write(BoxWriter box, ReadOnlySpan<byte> audioSpecificConfig)
    {
        int esds = box.BeginFull("esds"u8, 0, 0);
        int decoder = DecoderConfigBytes + 2 + audioSpecificConfig.Length;
        int stream = EsHeaderBytes + 2 + decoder + 3;
        if (stream > MaxLength) throw new ArgumentException("An AudioSpecificConfig is not that long", nameof(audioSpecificConfig));

        box.U8(EsDescriptor);
        box.U8((byte)stream);
        box.U16(0);                     // ES_ID: 0 in files
        box.U8(0);
        box.U8(DecoderConfig);
        box.U8((byte)decoder);
        box.U8(Aac);
        box.U8(0x15);                   // streamType audio, reserved bit
        box.Zeros(3);                   // bufferSizeDB
        box.U32(0);                     // maxBitrate, avgBitrate: not known
        box.U32(0);
        box.U8(DecoderSpecific);
        box.U8((byte)audioSpecificConfig.Length);
        box.Bytes(audioSpecificConfig);
        box.U8(SlConfig);
        box.U8(1);
        box.U8(2);                      // predefined: MP4
        box.End(esds);
    }

    /// <param name="esds">The box's payload. Lengths of one byte only, as <see cref="Write"/> makes them.</param>
    public static bool TryRead(ReadOnlySpan<byte> esds, out ReadOnlySpan<byte> audioSpecificConfig)
    {
        audioSpecificConfig = default;
        if (esds.Length < 4 || !TryOpen(esds[4..], EsDescriptor, EsHeaderBytes, out var decoder)
            || !TryOpen(decoder, DecoderConfig, DecoderConfigBytes, out var specific))
        {
            return false;
        }

        return TryOpen(specific, DecoderSpecific, 0, out audioSpecificConfig);
    }

    private static bool TryOpen(ReadOnlySpan<byte> bytes, byte tag, int header, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (bytes.Length < 2 || bytes[0] != tag || bytes[1] > MaxLength || bytes[1] < header || bytes[1] > bytes.Length - 2) return false;
        content = bytes.Slice(2 + header, bytes[1] - header);
        return true;
    }
}
