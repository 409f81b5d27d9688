using System.Net.Sockets;
using System.Runtime.Versioning;
using Npgsql;
using Vms.Testing;
using Vms.Testing.Processes;
using Vms.Testing.Servers;

namespace Vms.Rtp.Tests.Testing;

/// <summary>The servers other test projects build on do what they promise.</summary>
[SupportedOSPlatform("linux")]
public sealed class ServerTests
{
    [Fact]
    public async Task Postgres_gives_a_fresh_database_and_survives_kill_9_with_its_data()
    {
        await using var postgres = await PrivatePostgres.StartAsync(durable: true);
        string database = await postgres.CreateDatabaseAsync();
        Assert.NotEqual(database, await postgres.CreateDatabaseAsync());
        Assert.Equal(0L, await ScalarAsync(database, "create table t(id int); insert into t values (1); select 0::bigint"));

        await postgres.RestartAsync();

        NpgsqlConnection.ClearAllPools();
        Assert.Equal(1L, await ScalarAsync(database, "select count(*) from t"));
    }

    [Fact]
    public async Task Nats_comes_back_on_the_same_port_after_kill_9()
    {
        await using var nats = await PrivateNats.StartAsync();
        Assert.StartsWith("INFO {", await GreetingAsync(nats.Port), StringComparison.Ordinal);
        int first = nats.Pid;

        await nats.RestartAsync();

        Assert.NotEqual(first, nats.Pid);
        Assert.Contains("\"jetstream\":true", await GreetingAsync(nats.Port), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_child_and_its_folder_go_when_the_pipe_to_their_parent_ends()
    {
        using var folder = new TestDirectory();
        await File.WriteAllTextAsync(folder["left-over"], "");
        await using var child = await ChildProcess.StartAsync("sleep", ["1000"], folder: folder);
        Assert.True(Directory.Exists($"/proc/{child.Pid}"));

        child.CloseLifeline();

        await Eventually.TrueAsync(() => child.HasExited);
        await Eventually.TrueAsync(() => !Directory.Exists(folder.Path));
        Assert.Equal(128 + (int)PosixSignalNumber.Kill, child.ExitCode);
    }

    [Fact]
    public async Task A_child_that_ends_by_itself_leaves_its_folder_alone()
    {
        using var folder = new TestDirectory();
        await using (var child = await ChildProcess.StartAsync("sh", ["-c", "echo out; echo err >&2; exit 3"], folder: folder))
        {
            await child.WaitForExitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(3, child.ExitCode);
            Assert.Equal(["err", "out"], child.Output.Split('\n').Order());
        }

        Assert.True(Directory.Exists(folder.Path));
    }

    private static async Task<object?> ScalarAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    private static async Task<string> GreetingAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync() ?? "";
    }
}
