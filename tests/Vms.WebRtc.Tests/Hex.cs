namespace Vms.WebRtc.Tests;

internal static class Hex
{
    /// <summary>Blanks and line breaks are for the reader.</summary>
    public static byte[] Bytes(string hex) =>
        Convert.FromHexString(string.Concat(hex.Where(c => !char.IsWhiteSpace(c))));
}
