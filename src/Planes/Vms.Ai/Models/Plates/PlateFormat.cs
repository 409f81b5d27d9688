namespace Vms.Ai.Models.Plates;

/// <summary>
/// How number plates of a country are made of letters and digits, without the gaps. Where it says what stands at a place, what is read there is made that: O and Q are 0
/// among digits, 0 is O and 1 is I among letters.
/// </summary>
internal sealed class PlateFormat
{
    /// <summary>Of any country, in what is read.</summary>
    internal const int Longest = 10;

    private const int ShortestGeneric = 5;
    private const int LongestGeneric = 8;

    // One letter a place: L a letter, D a digit; longer ones of the same country stand beside shorter ones.
    private static readonly Dictionary<string, PlateFormat> s_formats = new(StringComparer.OrdinalIgnoreCase)
    {
        ["DE"] = new("D", [.. Runs("L", 2, 5, "D", 1, 4).Where(s => s.Length <= 8), .. Runs("L", 2, 5, "D", 1, 4).Where(s => s.Length <= 7).Select(s => s + "E")]),
        ["AT"] = new("A", [.. Runs("L", 1, 2, "D", 1, 5).SelectMany(s => Enumerable.Range(1, 3).Select(n => s + new string('L', n))).Where(s => s.Length is >= 4 and <= 8)]),
        ["CH"] = new("", [.. Runs("L", 2, 2, "D", 1, 6)]),
        ["FR"] = new("F", ["LLDDDLL", .. Runs("D", 1, 4, "L", 2, 3).Select(s => s + "DD").Where(s => s.Length >= 6)]),
        ["GB"] = new("", ["LLDDLLL", .. Runs("L", 1, 1, "D", 1, 3).Select(s => s + "LLL"), .. Runs("L", 3, 3, "D", 1, 3).Select(s => s + "L")]),
        ["LI"] = new("", [.. Runs("L", 2, 2, "D", 1, 5)]),
        ["LU"] = new("L", ["LLDDDD", "DDDDD", "DDDD"]),
        ["NL"] = new("NL", ["LLDDDD", "DDDDLL", "DDLLDD", "LLDDLL", "LLLLDD", "DDLLLL", "DDLLLD", "DLLLDD", "LLDDDL", "LDDDLL", "LLLDDL", "LDDLLL", "DLLDDD", "DDDLLD"]),
        ["BE"] = new("B", ["DLLLDDD", "LLLDDD", "DDDLLL"]),
        ["DK"] = new("DK", ["LLDDDDD"]),
        ["NO"] = new("N", ["LLDDDDD"]),
        ["SE"] = new("S", ["LLLDDD", "LLLDDL"]),
        ["FI"] = new("FIN", [.. Runs("L", 2, 3, "D", 1, 3).Where(s => s.Length >= 4)]),
        ["IE"] = new("IRL", [.. Years("DDD"), .. Years("DD")]),
        ["ES"] = new("E", ["DDDDLLL"]),
        ["PT"] = new("P", ["LLDDLL", "DDLLDD", "DDDDLL", "LLDDDD"]),
        ["IT"] = new("I", ["LLDDDLL"]),
        ["PL"] = new("PL", ["LLDDDDD", "LLDDDDL", "LLDDDLL", "LLDLDDD", "LLDLLDD", .. Behind("LLL", "DDDDD", "DDDDL", "DDDLL", "LDDD", "DDLL", "DLDD", "DDLD", "DLLD", "LLDD")]),
        ["CZ"] = new("CZ", ["DLDDDDD", "DLLDDDD"]),
        ["SK"] = new("SK", ["LLDDDLL"]),
        ["SI"] = new("SLO", ["LLLLDDD", "LLDDLLL", "LLDDDLL", "LLLDDDD", "LLDDDDL"]),
        ["HR"] = new("HR", ["LLDDDL", "LLDDDLL", "LLDDDDL", "LLDDDDLL"]),
        ["HU"] = new("H", ["LLLDDD", "LLLLDDD"], signIsLikelier: true),     // those of four letters, since 2022, begin with A yet
        ["RO"] = new("RO", ["LLDDLLL", "LDDLLL", "LDDDLLL"]),
        ["US"] = new("", []),
        ["EU"] = new("", []),
    };

    private readonly string _nation;
    private readonly string[] _shapes;
    private readonly bool _signIsLikelier;

    /// <param name="nation">The country's sign at the plate's left edge, which is read along with it.</param>
    /// <param name="shapes">None: letters and digits in any order, with at least one digit.</param>
    /// <param name="signIsLikelier">Where a plate could begin with the sign's letter as well, hardly any does.</param>
    private PlateFormat(string nation, string[] shapes, bool signIsLikelier = false) => (_nation, _shapes, _signIsLikelier) = (nation, shapes, signIsLikelier);

    /// <summary>Of a country; of Europe where it is not known.</summary>
    internal static PlateFormat Of(string country) => s_formats.GetValueOrDefault(country) ?? s_formats["EU"];

    /// <summary>The plate that was read, in capital letters without gaps; null when it is none of this country.</summary>
    internal string? Read(string text)
    {
        string plain = Plain(text);
        var whole = Fit(plain);
        var behindSign = _nation.Length > 0 && plain.StartsWith(_nation, StringComparison.Ordinal) ? Fit(plain[_nation.Length..]) : null;
        bool isSign = behindSign is { } rest && (whole is not { } all || rest.Changes < all.Changes || (_signIsLikelier && rest.Changes == 0));
        return (isSign ? behindSign : whole)?.Text;
    }

    /// <summary>Letters and digits alone, in capitals.</summary>
    internal static string Plain(string text)
    {
        var plain = new string([.. text.ToUpperInvariant().Where(IsPlateCharacter)]);
        return plain.Length <= Longest ? plain : "";
    }

    private static bool IsPlateCharacter(char c) => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c is 'Ä' or 'Ö' or 'Ü';

    /// <summary>In the shape that needs the fewest changes; the first of several.</summary>
    private (string Text, int Changes)? Fit(string plain)
    {
        if (_shapes.Length == 0)
            return plain.Length is >= ShortestGeneric and <= LongestGeneric && plain.Any(char.IsAsciiDigit) ? (plain, 0) : null;
        (string Text, int Changes)? best = null;
        Span<char> folded = stackalloc char[Longest];
        foreach (string shape in _shapes)
        {
            if (shape.Length == plain.Length && Fold(plain, shape, folded) is >= 0 and var changes && !(best?.Changes <= changes))
                best = (new string(folded[..plain.Length]), changes);
        }

        return best;
    }

    /// <returns>How many characters were changed; negative when it does not fit.</returns>
    private static int Fold(string plain, string shape, Span<char> folded)
    {
        int changes = 0;
        for (int i = 0; i < plain.Length; i++)
        {
            char read = plain[i];
            char meant = (shape[i], read) switch
            {
                ('L', '0') => 'O',
                ('L', '1') => 'I',
                ('L', _) => char.IsAsciiDigit(read) ? '\0' : read,
                ('D', 'O' or 'Q') => '0',
                ('D', 'I') => '1',
                ('D', _) => char.IsAsciiDigit(read) ? read : '\0',
                (_, 'E' or 'H') => read,    // behind the digits: electric, or historic
                _ => '\0',
            };
            if (meant == '\0')
                return -1;
            folded[i] = meant;
            changes += meant == read ? 0 : 1;
        }

        return changes;
    }

    /// <summary>Irish ones: year, county, number.</summary>
    private static IEnumerable<string> Years(string year) => Runs("L", 1, 2, "D", 1, 6).Select(s => year + s).Where(s => s.Length <= 9);

    private static IEnumerable<string> Behind(string first, params string[] rests) => rests.Select(rest => first + rest);

    private static IEnumerable<string> Runs(string first, int fewestFirst, int mostFirst, string second, int fewestSecond, int mostSecond) =>
        from a in Enumerable.Range(fewestFirst, mostFirst - fewestFirst + 1)
        from b in Enumerable.Range(fewestSecond, mostSecond - fewestSecond + 1)
        select new string(first[0], a) + new string(second[0], b);
}
