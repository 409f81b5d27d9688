using System.Text.RegularExpressions;

namespace Vms.Repo.Tests;

/// <summary>What must not be in what is handed over. The words are put together here, so that this file does not hold them.</summary>
public sealed partial class HandOverTests
{
    private const int MostLines = 800;

    private static readonly string[] s_unfinished = ["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Exception", "HA" + "CK:"];

    /// <summary>Folders of the machine somebody built on, and addresses packages came from.</summary>
    private static readonly string[] s_machine =
    [
        "/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "C:\\Use" + "rs\\", "registry." + "npmjs.org", "api." + "nuget.org", "deb." + "debian.org",
        "registry." + "yarnpkg.com", "host.docker" + ".internal",
    ];

    private static readonly string[] s_code = [".cs", ".ts", ".tsx", ".py", ".cjs", ".mjs", ".js"];

    [Fact]
    public void Nothing_is_left_unfinished() => Rule.Holds(
        from file in Sources.All
        where !file.Place.EndsWith("package-lock.json", StringComparison.Ordinal)
        from word in s_unfinished
        from number in LinesWith(file, word)
        select $"{file.Place}:{number}: {word}");

    [Fact]
    public void No_file_knows_the_machine_it_was_written_on() => Rule.Holds(
        from file in Sources.All
        from word in s_machine
        from number in LinesWith(file, word)
        select $"{file.Place}:{number}: {word}");

    [Fact]
    public void Lock_files_of_npm_name_no_download_addresses() => Rule.Holds(
        from file in Sources.All
        where file.Place.EndsWith("package-lock.json", StringComparison.Ordinal) && file.Text.Contains("\"resolved\": \"http", StringComparison.Ordinal)
        select file.Place);

    [Fact]
    public void No_file_is_longer_than_one_wants_to_read() => Rule.Holds(
        from file in Sources.All
        where s_code.Contains(Path.GetExtension(file.Place)) && file.Lines.Count > MostLines
        select $"{file.Place}: {file.Lines.Count} lines");

    [Fact]
    public void No_folder_is_named_after_nothing() => Rule.Holds(
        from file in Sources.Under("src", ".cs")
        from part in file.Place.Split('/')[..^1]
        where part is "Common" or "Utils" or "Utilities" or "Helpers" or "Misc" or "Shared"
        select file.Place);

    [Fact]
    public void Tests_wait_for_conditions_and_do_not_sleep() => Rule.Holds(
        from file in Sources.Under("tests", ".cs").Concat(Sources.Under("bench", ".cs"))
        where !IsWaitPrimitive(file.Place)
        from line in Rule.CodeLines(file)
        where Sleep().IsMatch(line.Text)
        select $"{file.Place}:{line.Number}: {line.Text.Trim()}");

    [Fact]
    public void No_test_is_skipped() => Rule.Holds(
        from file in Sources.Under("tests", ".cs")
        from line in Rule.CodeLines(file)
        where Skip().IsMatch(line.Text)
        select $"{file.Place}:{line.Number}: {line.Text.Trim()}");

    /// <summary>Where the waiting itself is made: polling with a deadline, and pacing of simulated devices and networks.</summary>
    private static bool IsWaitPrimitive(string place) =>
        place is "tests/Vms.Testing/Eventually.cs"
        || place.StartsWith("tests/Vms.Testing/NetworkEmulator/", StringComparison.Ordinal)
        || place.StartsWith("tests/Vms.Testing/FakeCamera/", StringComparison.Ordinal)
        || place.StartsWith("tests/Vms.CameraSim/", StringComparison.Ordinal);

    private static IEnumerable<int> LinesWith(SourceFile file, string word)
    {
        if (!file.Text.Contains(word, StringComparison.Ordinal)) yield break;
        for (var i = 0; i < file.Lines.Count; i++)
            if (file.Lines[i].Contains(word, StringComparison.Ordinal))
                yield return i + 1;
    }

    // An endless wait that only a token ends is no sleep; nor is a wait on a clock that the test moves by hand.
    [GeneratedRegex(@"Thread\.Sleep\(|Task\.Delay\((?!Timeout\.Infinite)(?!.*,\s*_?clock\b)|waitForTimeout\(")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\bSkip\s*=\s*""|Assert\.Skip")]
    private static partial Regex Skip();
}
