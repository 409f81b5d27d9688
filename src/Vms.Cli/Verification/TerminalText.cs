using System.Text;

namespace Vms.Cli.Verification;

/// <summary>What others wrote, for a terminal: without what moves the cursor, colours, hides or turns around the words beside it.</summary>
internal static class TerminalText
{
    public static string Of(string text)
    {
        var shown = new StringBuilder(text.Length);
        foreach (char c in text)
            if (!char.IsControl(c) && !TurnsAround(c)) shown.Append(c);
        return shown.ToString();
    }

    /// <summary>Bidirectional controls (UAX #9), and separators of lines and paragraphs.</summary>
    private static bool TurnsAround(char c) =>
        c is '\u061C' or '\u200E' or '\u200F' or (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
