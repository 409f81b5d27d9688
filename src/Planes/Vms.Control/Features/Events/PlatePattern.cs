using System.Text;

namespace Vms.Control.Features.Events;

/// <summary>Plates as people write them: capitals or not, with spaces and dashes or without, <c>*</c> for any characters and <c>?</c> for any one.</summary>
internal static class PlatePattern
{
    public const int MaxLength = 32;

    /// <summary>Capital letters and digits alone: as plates are compared.</summary>
    public static string Normal(string plate) => string.Concat(plate.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    /// <summary>The same of a pattern, which keeps its <c>*</c> and <c>?</c>.</summary>
    public static string NormalPattern(string pattern) => string.Concat(pattern.Where(c => char.IsLetterOrDigit(c) || c is '*' or '?')).ToUpperInvariant();

    /// <summary>A pattern as SQL's LIKE has it.</summary>
    public static string ToLike(string pattern)
    {
        var like = new StringBuilder();
        foreach (var c in pattern.Take(MaxLength))
        {
            if (c is '*' or '?')
                like.Append(c == '*' ? '%' : '_');
            else if (char.IsLetterOrDigit(c))
                like.Append(char.ToUpperInvariant(c));
        }

        return like.ToString();
    }

    /// <summary>Without looking back more often than the pattern is long: no pattern is slow.</summary>
    public static bool Matches(string pattern, string plate)
    {
        int p = 0, t = 0, star = -1, behind = 0;
        while (t < plate.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
                (star, behind) = (p++, t);
            else if (p < pattern.Length && (pattern[p] == '?' || char.ToUpperInvariant(pattern[p]) == char.ToUpperInvariant(plate[t])))
                (p, t) = (p + 1, t + 1);
            else if (star >= 0)
                (p, t) = (star + 1, ++behind);
            else
                return false;
        }

        return pattern.AsSpan(p).IndexOfAnyExcept('*') < 0;
    }
}
