using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>A line of a list of cameras, as it is read and written.</summary>
/// <param name="Line">Its number in the file, from 1.</param>
/// <param name="Id">Of the camera that it was written of; null in a list from elsewhere.</param>
/// <param name="Url">A key of its address; null for cameras that send to us.</param>
internal sealed record CameraLine(int Line, string? Id, CameraRequest Request, string? Url, IReadOnlyList<FieldProblem> Problems)
{
    /// <summary>In the order in which they are written. <c>password</c> is read, never written; by <c>id</c> a camera that is there is known.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["id", "name", "mainUrl", "subUrl", "username", "password", "transport", "enabled", "onDemand", "siteId", "groupIds", "recordingMode"];

    private static readonly string[] s_required = ["name", "mainUrl"];

    public static IEnumerable<string?> CellsOf(CameraRow row) =>
    [
        row.Id, row.Settings.Name, row.Settings.MainUrl, row.Settings.SubUrl, row.Settings.Username, null, row.Settings.Transport, row.Settings.Enabled ? "true" : "false",
        row.Settings.OnDemand ? "true" : "false", row.Settings.SiteId, string.Join(' ', row.GroupIds), row.Settings.Recording.Mode,
    ];

    /// <summary>What is wrong with the columns; empty when they can be read.</summary>
    public static List<FieldProblem> CheckHeader(IReadOnlyList<string> header)
    {
        var problems = header.Where(h => !Columns.Contains(h, StringComparer.OrdinalIgnoreCase))
            .Select(h => new FieldProblem("$", "unknownColumn", $"There is no column \"{(h.Length > 32 ? h[..32] : h)}\"; use {string.Join(", ", Columns)}")).Take(10).ToList();
        problems.AddRange(s_required.Where(c => !header.Contains(c, StringComparer.OrdinalIgnoreCase))
            .Select(c => new FieldProblem("$", "missingColumn", $"The first line has to name the column {c}")));
        if (header.Distinct(StringComparer.OrdinalIgnoreCase).Count() != header.Count)
            problems.Add(new FieldProblem("$", "doubleColumn", "Two columns have the same name"));
        return problems;
    }

    public static CameraLine Of(int line, IReadOnlyList<string> header, string[] cells)
    {
        var problems = new List<FieldProblem>();
        string? Cell(string column)
        {
            for (var i = 0; i < header.Count && i < cells.Length; i++)
            {
                if (string.Equals(header[i], column, StringComparison.OrdinalIgnoreCase))
                    return cells[i].Length == 0 ? null : cells[i];
            }

            return null;
        }

        bool? Flag(string column)
        {
            switch (Cell(column)?.ToLowerInvariant())
            {
                case null:
                    return null;
                case "true" or "yes" or "1":
                    return true;
                case "false" or "no" or "0":
                    return false;
                default:
                    problems.Add(new FieldProblem(column, "invalidValue", "Use true or false"));
                    return null;
            }
        }

        if (cells.Length > header.Count)
            problems.Add(new FieldProblem("$", "tooManyCells", $"The line has {cells.Length} cells, the first line has {header.Count}"));
        var request = new CameraRequest(
            Cell("name"), Cell("mainUrl"), Cell("subUrl"), Cell("username"), Cell("password"), Cell("transport"), Flag("onDemand"), null, Flag("enabled"), Cell("siteId"),
            Cell("recordingMode") is { } mode ? new RecordingRequest(mode) : null,
            GroupIds: Cell("groupIds")?.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        CameraRules.Check(request, out _, out var wrong);
        problems.AddRange(wrong);
        return new CameraLine(line, Cell("id"), request, UrlKey(request.MainUrl), problems);
    }

    /// <param name="known">Ids and keys of addresses.</param>
    public bool IsIn(HashSet<string> known) => (Id is not null && known.Contains(Id)) || (Url is not null && known.Contains(Url));

    /// <summary>The same for two addresses that lead to the same picture: without credentials, the host in lower case, the usual port left out. Null for
    /// what is no address, and for cameras that send to us.</summary>
    public static string? UrlKey(string? url)
    {
        if (!CameraUrl.TryParse(url, out var parsed, out _) || parsed.Value == CameraUrl.Push)
            return null;
        var start = parsed.Value.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = parsed.Value.IndexOfAny(['/', '?', '#'], start) is >= 0 and var slash ? slash : parsed.Value.Length;
        var (scheme, authority) = (parsed.Value[..start], parsed.Value[start..end].ToLowerInvariant());
        var usual = scheme == "rtsps://" ? ":322" : ":554";
        if (authority.EndsWith(usual, StringComparison.Ordinal))
            authority = authority[..^usual.Length];
        return scheme + authority + parsed.Value[end..].TrimEnd('/');
    }
}
