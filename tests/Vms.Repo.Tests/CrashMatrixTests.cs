using System.Globalization;

namespace Vms.Repo.Tests;

/// <summary>The page that <c>./dev chaos</c> writes has every cell, measured, and nothing in it breaks the promise.</summary>
public sealed class CrashMatrixTests
{
    private const int Killed = 1;
    private const int StoodStill = 3;

    private static readonly string[] s_processes = ["control", "media", "recorder", "ai", "PostgreSQL", "nats"];
    private static readonly string[] s_withoutLoss = ["all but media away", "disk full", "disk slow"];

    private static readonly Dictionary<string, string[]> s_rows = Sources.All.Single(f => f.Place == "docs/ref/crash-matrix.md").Lines
        .Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Select(l => l.Trim('|').Split('|', StringSplitOptions.TrimEntries))
        .DistinctBy(cells => cells[0]).ToDictionary(cells => cells[0]);

    [Fact]
    public void Every_process_was_killed_and_stopped_and_only_media_lost_footage() => Rule.Holds(
        from process in s_processes
        from column in new[] { Killed, StoodStill }
        let lost = LostMs(process, column)
        where lost is null || (lost > 0) != (process == "media")
        select $"{process}, column {column}: {(lost is null ? "not measured" : $"{lost} ms lost")}");

    [Fact]
    public void A_disk_that_is_full_or_slow_lost_nothing_and_a_power_cut_seconds() => Rule.Holds(
        from row in s_withoutLoss.Append("power cut")
        let lost = LostMs(row, 1)
        where lost is null || (row == "power cut" ? lost > 10_000 : lost > 0)
        select $"{row}: {(lost is null ? "not measured" : $"{lost} ms lost")}");

    /// <summary>The number that a cell begins with; null when there is none.</summary>
    private static long? LostMs(string row, int column) =>
        s_rows.TryGetValue(row, out var cells) && cells.Length > column
            && long.TryParse(cells[column].Split(' ')[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out long lost)
            ? lost
            : null;
}
