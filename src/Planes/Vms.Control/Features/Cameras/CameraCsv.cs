using System.Buffers;
using System.Text;

namespace Vms.Control.Features.Cameras;

/// <summary>
/// Comma-separated values (RFC 4180; semicolons and tabs are understood, too, as spreadsheets write them). A cell that a spreadsheet would take for a
/// formula is written with an apostrophe in front, which reading takes away.
/// </summary>
internal static class CameraCsv
{
    private const string FormulaStarts = "=+-@\t\r";

    private static readonly SearchValues<char> s_quoted = SearchValues.Create(",\";\r\n\t");

    /// <summary>Adds one line.</summary>
    public static void Write(StringBuilder text, IEnumerable<string?> cells)
    {
        var first = true;
        foreach (var cell in cells)
        {
            if (!first)
                text.Append(',');
            first = false;
            var safe = cell is { Length: > 0 } && (FormulaStarts.Contains(cell[0]) || IsMarked(cell)) ? "'" + cell : cell ?? "";
            if (safe.AsSpan().IndexOfAny(s_quoted) < 0)
                text.Append(safe);
            else
                text.Append('"').Append(safe.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }

        text.Append("\r\n");
    }

    /// <summary>The lines that have something in them, each with its number in the text (from 1). Any text is understood somehow: a quote that is never
    /// closed takes all that follows.</summary>
    /// <param name="maxLines">There may be one more, by which the caller knows.</param>
    public static List<(int Line, string[] Cells)> Read(string text, int maxLines)
    {
        var lines = new List<(int, string[])>();
        var separator = SeparatorOf(text);
        var (cells, cell) = (new List<string>(), new StringBuilder());
        var (line, begunAt, quoted, wasQuoted) = (1, 1, false, false);
        for (var i = text.StartsWith('\uFEFF') ? 1 : 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : '\n';
            if (quoted && i < text.Length)
            {
                if (c == '"' && i + 1 < text.Length && text[i + 1] == '"')
                    cell.Append(text[i++]);
                else if (c == '"')
                    quoted = false;
                else
                    cell.Append(c);
                line += c == '\n' ? 1 : 0;
            }
            else if (c == '"' && cell.Length == 0 && !wasQuoted)
            {
                (quoted, wasQuoted) = (true, true);
            }
            else if (c == separator || c == '\n')
            {
                cells.Add(Plain(cell, wasQuoted));
                cell.Clear();
                wasQuoted = false;
                if (c != '\n')
                    continue;
                if (cells.Exists(x => x.Length > 0))
                    lines.Add((begunAt, [.. cells]));
                if (lines.Count > maxLines)
                    return lines;
                cells.Clear();
                begunAt = ++line;
            }
            else if (c != '\r')
            {
                cell.Append(c);
            }
        }

        return lines;
    }

    private static string Plain(StringBuilder cell, bool wasQuoted)
    {
        var text = wasQuoted ? cell.ToString() : cell.ToString().Trim();
        return IsMarked(text) ? text[1..] : text;
    }

    /// <summary>Apostrophes, at least one, in front of what would be a formula.</summary>
    private static bool IsMarked(string text)
    {
        var plain = text.AsSpan().TrimStart('\'');
        return plain.Length > 0 && plain.Length < text.Length && FormulaStarts.Contains(plain[0]);
    }

    /// <summary>The one that the first line has most of.</summary>
    private static char SeparatorOf(string text)
    {
        var header = text.AsSpan(0, Math.Max(0, text.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end ? end : text.Length));
        var (commas, semicolons, tabs) = (header.Count(','), header.Count(';'), header.Count('\t'));
        return semicolons > commas && semicolons >= tabs ? ';' : tabs > commas ? '\t' : ',';
    }
}
