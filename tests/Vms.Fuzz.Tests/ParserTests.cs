using System.Diagnostics;
using System.Globalization;

namespace Vms.Fuzz.Tests;

public sealed class ParserTests(ITestOutputHelper output)
{
    private const int Seed = 20261128;

    public static TheoryData<string> Names => [.. FuzzTargets.All.Select(target => target.Name)];

    public static TheoryData<string> Chosen => [.. FuzzTargets.All.Select(target => target.Name).Where(IsChosen)];

    [Theory, MemberData(nameof(Names))]
    public void Bears_its_corpus_and_mutations_of_it(string name)
    {
        var target = FuzzTargets.Named(name);
        var run = new FuzzRun(target, Seed);
        run.Run(tried => tried >= target.ReplayMutations);
        Assert.True(run.Outcomes > 1, "All inputs lead to the same: nothing is tested.");
    }

    /// <summary>`./dev fuzz`: VMS_FUZZ_SECONDS for VMS_FUZZ_TARGET, or for each target, with other random numbers each time.</summary>
    [Theory(Explicit = true), MemberData(nameof(Chosen))]
    public void Bears_mutations_for_minutes(string name)
    {
        var target = FuzzTargets.Named(name);
        var time = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("VMS_FUZZ_SECONDS") ?? "600", CultureInfo.InvariantCulture));
        int seed = Random.Shared.Next();
        var run = new FuzzRun(target, seed, keep: true);
        var clock = Stopwatch.StartNew();
        run.Run(_ => clock.Elapsed >= time);
        output.WriteLine($"measured: {name}: {run.Tried} inputs in {clock.Elapsed.TotalSeconds:0} s, {run.Outcomes} outcomes, seed {seed}");
    }

    [Fact]
    public void The_fuzzer_finds_a_parser_that_believes_a_length()
    {
        var careless = new FuzzTarget("rtcp", (ReadOnlySpan<byte> input, ref Outcome outcome) =>
        {
            if (input.Length > 4)
                outcome.Add(input.Slice(4, input[3]).Length);
        });
        var finding = Assert.Throws<FuzzFinding>(() => new FuzzRun(careless, Seed).Run(tried => tried > 10_000));
        Assert.Contains("ArgumentOutOfRangeException", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fuzzer_finds_a_parser_that_allocates_what_the_input_says()
    {
        var careless = new FuzzTarget("rtcp", (ReadOnlySpan<byte> input, ref Outcome outcome) =>
        {
            if (input.Length > 4)
                outcome.Add(new byte[input[2] << 20].Length);
        });
        var finding = Assert.Throws<FuzzFinding>(() => new FuzzRun(careless, Seed).Run(tried => tried > 10_000));
        Assert.Contains("allocated", finding.Message, StringComparison.Ordinal);
    }

    private static bool IsChosen(string name) => Environment.GetEnvironmentVariable("VMS_FUZZ_TARGET") is not { Length: > 0 } target || target == name;
}
