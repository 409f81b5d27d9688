using System.Text.RegularExpressions;

namespace Vms.Repo.Tests;

/// <summary>A code that an answer can carry, as it is found in the source.</summary>
/// <param name="Statuses">Every HTTP status it comes with, ascending.</param>
/// <param name="Titles">Every sentence it comes with; what is filled in at run time is an ellipsis.</param>
internal sealed record ProblemCode(string Code, IReadOnlyList<int> Statuses, IReadOnlyList<string> Titles);

/// <summary>Finds the codes of problem documents in the source: where status, code and title stand beside each other, be it in the call, in a
/// tuple or in a record that a call takes apart. A call that computes its code is listed here, with what it can say.</summary>
internal static partial class ProblemCodes
{
    /// <summary>Files whose calls name no code in the call itself, and the constants behind them. An empty list: the codes stand in the same
    /// file, beside status and title, and are found there.</summary>
    private static readonly Dictionary<string, ProblemCode[]> s_computed = new()
    {
        ["src/Planes/Vms.Control/FrontDoor/ApiErrors.cs"] = [],   // "http" and the status, where nobody thought of it
        ["src/Planes/Vms.Control/Features/Live/MediaConversion.cs"] = [],
        ["src/Planes/Vms.Recorder/Playback/GetConvertedMedia.cs"] =
        [
            new("transcodeLimit", [503], ["This server converts as many videos as it may"]),
            new("transcodeOff", [409], ["Conversion is switched off on this server"]),
            new("transcodeUnavailable", [409], ["This server cannot convert video"]),
            new("conversionNotNeeded", [409], ["This recording needs no conversion"]),
            new("conversionFailed", [500], ["The recording could not be converted"]),
        ],
        ["src/Planes/Vms.Recorder/Playback/PlaybackRoutes.cs"] = [new("indexUnavailable", [503], ["The archive index is not available"])],
        ["src/Planes/Vms.Recorder/Playback/FragmentReader.cs"] =
        [
            new("recordingUnreadable", [404],
            [
                "This part of the recording is encrypted, and the server does not have its key", "This part of the recording has been deleted or is damaged",
            ]),
        ],
        ["src/Planes/Vms.Media/Egress/WebRtc/WhepEndpoints.cs"] =
        [
            new("malformed", [400], ["This description cannot be used"]),
            new("noVideo", [400], ["This description cannot be used"]),
            new("noH264", [400], ["This description cannot be used"]),
            new("noRtcpMux", [400], ["This description cannot be used"]),
            new("noIce", [400], ["This description cannot be used"]),
            new("noFingerprint", [400], ["This description cannot be used"]),
            new("dtlsRole", [400], ["This description cannot be used"]),
            new("unsupportedCodec", [409], ["This stream cannot be shown over WebRTC"]),
            new("bFrames", [409], ["This stream cannot be shown over WebRTC"]),
        ],
    };

    private static readonly IReadOnlyList<SourceFile> s_sources =
        [.. Sources.Under("src", ".cs").Where(f => !f.Place.StartsWith("src/Protocols/", StringComparison.Ordinal))];

    public static IReadOnlyList<ProblemCode> All { get; } =
    [
        .. from found in s_sources.SelectMany(Found).Concat(s_computed.Values.SelectMany(c => c))
           group found by found.Code into same
           orderby same.Key
           select new ProblemCode(
               same.Key, [.. same.SelectMany(s => s.Statuses).Distinct().Order()], [.. same.SelectMany(s => s.Titles).Distinct().Order(StringComparer.Ordinal)]),
    ];

    /// <summary>Codes of wrong inputs: <c>new FieldProblem("field", "code", …)</c> and the tuples of rules that are put into one.</summary>
    public static IReadOnlyList<string> OfFields { get; } =
        [.. s_sources.SelectMany(f => FieldCode().Matches(f.Text).Select(m => m.Groups["code"].Value)).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Calls whose code is neither in the call nor told above.</summary>
    public static IEnumerable<string> Unknown() =>
        from file in s_sources
        where !s_computed.ContainsKey(file.Place)
        from Match call in Call().Matches(file.Text)
        where !Literal().IsMatch(file.Text[call.Index..Math.Min(file.Text.Length, call.Index + 400)])
        select $"{file.Place}: {file.Text[call.Index..file.Text.IndexOf('\n', call.Index)]}";

    /// <summary>Files listed above that have no such call any more.</summary>
    public static IEnumerable<string> Stale() => s_computed.Keys.Where(place => !s_sources.Any(f => f.Place == place && f.Text.Contains("Problems.", StringComparison.Ordinal)));

    private static IEnumerable<ProblemCode> Found(SourceFile file) =>
        from Match m in Beside().Matches(file.Text).Concat(NotFound().Matches(file.Text))
        let status = m.Groups["status"] is { Success: true, Value: var digits } ? int.Parse(digits) : StatusOf(file, m)
        where status >= 400
        let titles = m.Groups["title"]
        select new ProblemCode(m.Groups["code"].Value, [status], titles.Success ? [Plain(titles.Value)] : []);

    /// <summary>A status in a variable is the one of the switch arm: <c>StatusCodes.Status404NotFound =&gt; Problems.Of(status, …</c>.</summary>
    private static int StatusOf(SourceFile file, Match match)
    {
        if (match.Value.StartsWith("Problems.NotFound", StringComparison.Ordinal))
            return 404;
        var line = file.Text[(file.Text.LastIndexOf('\n', match.Index) + 1)..match.Index];
        return Arm().Match(line) is { Success: true } arm ? int.Parse(arm.Groups["status"].ValueSpan) : 0;
    }

    private static string Plain(string title) => Filled().Replace(title.Replace("\\\"", "\"", StringComparison.Ordinal), "…");

    [GeneratedRegex("""(?:StatusCodes\.Status(?<status>[45]\d\d)\w+|\((?<status>[45]\d\d)|\(status),\s*"(?<code>[a-z][A-Za-z]+)"(?:,\s*(?:[\w.]+ \? )?\$?"(?<title>(?:[^"\\]|\\.)+)")?""")]
    private static partial Regex Beside();

    [GeneratedRegex("""Problems\.NotFound\(\s*"(?<code>[a-z][A-Za-z]+)",\s*\$?"(?<title>(?:[^"\\]|\\.)+)"|"title":"(?<title>[^"]+)","status":(?<status>\d+),"code":"(?<code>\w+)\x22""")]
    private static partial Regex NotFound();

    [GeneratedRegex("""\bProblems\.(Of|NotFound)\(""")]
    private static partial Regex Call();

    [GeneratedRegex("""^Problems\.(Of\(\s*(StatusCodes\.\w+|status),\s*"[a-z][A-Za-z]+"|NotFound\(\s*"[a-z][A-Za-z]+\x22)""")]
    private static partial Regex Literal();

    [GeneratedRegex(@"StatusCodes\.Status(?<status>\d\d\d)\w+ =>")]
    private static partial Regex Arm();

    [GeneratedRegex("""FieldProblem\([^,()]*(?:\([^()]*\))?[^,()]*,\s*"(?<code>[a-z][A-Za-z]+)"|(?:return|[?:]) \("(?<code>[a-z][A-Za-z]+)", \$?"[A-Z]""")]
    private static partial Regex FieldCode();

    [GeneratedRegex(@"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")]
    private static partial Regex Filled();
}
