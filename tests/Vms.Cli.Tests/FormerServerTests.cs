using Vms.Cli.Infrastructure;
using Vms.Hosting;
using Vms.Native.Processes;
using Vms.Testing;
using Vms.Testing.Processes;
using NatsOfTheInstallation = Vms.Cli.Infrastructure.PrivateNats;

namespace Vms.Cli.Tests;

/// <summary>A start after supervisor and guards were killed: the servers of the run before may still be ending.</summary>
public sealed class FormerServerTests
{
    private static readonly ChildLimits s_limits = new("test", 100, null, 0, 0);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PostgreSQLs_files_change_hands_only_when_the_former_server_has_ended()
    {
        using var directory = new TestDirectory();
        var options = OptionsIn(directory);
        // A cluster of the installed version, and a process of that name and place: all that tells a server that is ending.
        var data = directory.Create(Path.Combine("data", "postgres", "data"));
        var version = Path.GetFileName(new DirectoryInfo("/usr/lib/postgresql").GetDirectories().MaxBy(d => int.Parse(d.Name))!.FullName);
        var file = Path.Combine(data, "PG_VERSION");
        await File.WriteAllTextAsync(file, version, Ct);
        var program = directory["postgres"];
        File.Copy("/bin/sleep", program);
        var former = await ChildProcess.StartAsync(program, ["600"], workingDirectory: data);
        try
        {
            var before = await OwnerOfAsync(file);
            var postgres = PrivatePostgres.Prepare(options, 0).Child(s_limits);
            Assert.Contains($"pid {former.Pid}", await postgres.BeforeStart!(Ct), StringComparison.Ordinal);
            Assert.Equal(before, await OwnerOfAsync(file));

            await former.KillAsync();
            await Eventually.TrueAsync(async () => await postgres.BeforeStart(Ct) is null);
            Assert.Equal(ServiceUser.Name ?? before, await OwnerOfAsync(file));
        }
        finally
        {
            await former.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_former_nats_server_is_ended_and_waited_for_also_when_the_port_is_another_now()
    {
        using var directory = new TestDirectory();
        var options = OptionsIn(directory);
        var first = NatsOfTheInstallation.Prepare(options, FreePort.Tcp()).Child(s_limits);
        Assert.Null(await first.BeforeStart!(Ct));
        await using var former = await ChildProcess.StartAsync("nats-server", ["-c", Path.Combine(options.DataDirectory, "nats", "nats.conf")]);
        await former.WaitForOutputAsync(output => output.Contains("Server is ready", StringComparison.Ordinal), TimeSpan.FromSeconds(30));

        var next = NatsOfTheInstallation.Prepare(options, FreePort.Tcp()).Child(s_limits);
        Assert.Contains($"pid {former.Pid}", await next.BeforeStart!(Ct), StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => await next.BeforeStart(Ct) is null);
        await former.WaitForExitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Files_that_vanish_while_they_change_hands_are_a_reason_to_look_again()
    {
        using var directory = new TestDirectory();
        using var quiet = new CancellationTokenSource();
        var churning = Task.Run(() =>
        {
            // Directories, because the walk has to enter them: each is there for a moment only.
            for (var i = 0; !quiet.IsCancellationRequested; i++)
            {
                var inner = directory.Create(Path.Combine("base", (i % 50).ToString(), "x"));
                Directory.Delete(Path.GetDirectoryName(inner)!, recursive: true);
            }
        }, Ct);
        for (var i = 0; i < 30; i++)
            ServiceUser.Own(directory.Path);        // must not throw

        await quiet.CancelAsync();
        await churning;
        Assert.Null(ServiceUser.Own(directory.Path));
        await File.WriteAllTextAsync(directory["file"], "", Ct);
        if (ServiceUser.Name is not null)
            Assert.Throws<InfrastructureException>(() => ServiceUser.Own(Path.Combine(directory["file"], "no-directory")));
    }

    private static PlaneOptions OptionsIn(TestDirectory directory)
    {
        var options = new PlaneOptions
        {
            DataDirectory = directory["data"],
            RunDirectory = directory["run"],
            BindAddress = "127.0.0.1",
            HttpPort = 0,
            MediaPort = 0,
            PlaybackPort = 0,
            WebRtcPort = 0,
        };
        DataDirectories.Create(options);
        RunDirectories.Create(options.RunDirectory);
        return options;
    }

    private static async Task<string> OwnerOfAsync(string file) => (await ChildProcess.RunAsync("stat", ["-c", "%U", file])).Trim();
}
