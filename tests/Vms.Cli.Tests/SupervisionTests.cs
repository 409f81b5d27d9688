using Microsoft.Extensions.Logging.Abstractions;
using Vms.Cli.Supervision;
using Vms.Hosting;
using Vms.Native.Processes;
using Vms.Testing;

namespace Vms.Cli.Tests;

public sealed class SupervisionTests
{
    [Fact]
    public void The_first_restart_is_immediate_and_the_delay_grows_while_it_keeps_dying()
    {
        var time = new ManualTimeProvider();
        var policy = new RestartPolicy(time);
        policy.Started();
        Assert.Equal([0, 0.5, 1, 2, 5, 15, 15], Enumerable.Range(0, 7).Select(_ => policy.AfterDeath().TotalSeconds));
    }

    [Fact]
    public void A_process_that_lived_for_a_minute_starts_with_a_clean_record()
    {
        var time = new ManualTimeProvider();
        var policy = new RestartPolicy(time);
        policy.Started();
        policy.AfterDeath();
        policy.AfterDeath();
        policy.Started();
        time.Advance(RestartPolicy.Forgiven + TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, policy.AfterDeath());
    }

    [Fact]
    public async Task A_process_that_dies_is_started_again_and_one_that_is_stopped_is_not()
    {
        using var directory = new TestDirectory();
        var marks = directory["starts"];
        using var limiter = ChildLimiter.Create();
        using var log = new BoundedLineWriter("test", TimeProvider.System, Stream.Null);
        var spec = Shell($"echo start >> {marks}; [ $(wc -l < {marks}) -ge 3 ] && exec cat; exit 1");
        using var child = new ChildProcess(spec, limiter, log, NullLogger.Instance, TimeProvider.System);
        child.Start();
        await Eventually.TrueAsync(() => File.Exists(marks) && File.ReadAllLines(marks).Length == 3);

        // cat ends at the end of its input: an ordered stop, no kill.
        await child.StopAsync();
        Assert.Equal(3, File.ReadAllLines(marks).Length);
    }

    [Fact]
    public async Task A_process_that_ignores_its_closed_input_is_killed_after_its_patience()
    {
        using var directory = new TestDirectory();
        using var limiter = ChildLimiter.Create();
        using var log = new BoundedLineWriter("test", TimeProvider.System, Stream.Null);
        using var child = new ChildProcess(
            Shell($"touch {directory["up"]}; while :; do sleep 0.1; done") with { StopPatience = TimeSpan.FromSeconds(0.5) },
            limiter, log, NullLogger.Instance, TimeProvider.System);
        child.Start();
        await Eventually.TrueAsync(() => File.Exists(directory["up"]));
        await child.StopAsync().WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_wrong_setting_ends_the_start_instead_of_restarting_for_ever()
    {
        using var limiter = ChildLimiter.Create();
        using var log = new BoundedLineWriter("test", TimeProvider.System, Stream.Null);
        using var child = new ChildProcess(
            Shell($"exit {PlaneMain.ConfigurationExitCode}") with { IsAlive = _ => Task.FromResult<string?>("not there") },
            limiter, log, NullLogger.Instance, TimeProvider.System);
        child.Start();
        await Assert.ThrowsAsync<Infrastructure.InfrastructureException>(() => child.FirstAnswer.WaitAsync(TimeSpan.FromSeconds(60)));
        await child.StopAsync();
    }

    private static ChildSpec Shell(string script) => new(
        "shell", "/bin/sh", ["-c", script], new Dictionary<string, string?>(), new ChildLimits("shell", 100, null, 0, 0),
        _ => Task.FromResult<string?>(null), TimeSpan.FromSeconds(10));
}
