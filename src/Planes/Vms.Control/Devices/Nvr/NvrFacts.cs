namespace Vms.Control.Devices.Nvr;

/// <summary>What a recorder says of itself. Empty where it says nothing.</summary>
/// <param name="SerialNumber">What tells this device from any other, also at another address.</param>
internal sealed record NvrFacts(string Name, string Model, string SerialNumber, string Firmware, string MacAddress)
{
    /// <summary>Characters of one of them; what is longer is cut.</summary>
    public const int MaxText = 128;

    /// <summary>Without control characters, which no database stores, and no half of a character at its end.</summary>
    public static string Cut(string? text)
    {
        if (text is null)
            return "";
        var cut = text.AsSpan(0, Math.Min(text.Length, MaxText));
        if (cut.Length > 0 && char.IsHighSurrogate(cut[^1]))
            cut = cut[..^1];
        return string.Concat(cut.ToArray().Select(c => char.IsControl(c) ? ' ' : c));
    }
}

/// <summary>A contact of the recorder, a door for instance.</summary>
/// <param name="Number">From 1, as printed beside it.</param>
/// <param name="Active">Null: the device does not say.</param>
internal sealed record NvrInput(int Number, string Name, bool? Active);
