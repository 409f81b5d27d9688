using System.Runtime.Versioning;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Vms.Testing.Servers;

namespace Vms.Postgres.Tests;

/// <summary>Against a real PostgreSQL.</summary>
[SupportedOSPlatform("linux")]
public sealed class MigrationRunnerTests
{
    private static readonly MigrationScript s_first = new(1, "table", "create table app.thing(id int primary key); insert into app.thing values (1);");
    private static readonly MigrationScript s_second = new(2, "column", "alter table app.thing add column name text;");

    [Fact]
    public async Task Missing_scripts_run_in_order_and_only_once()
    {
        await using var source = await SourceAsync();
        Assert.Equal(1, await RunAsync(source, s_first));
        Assert.Equal(2, await RunAsync(source, s_first, s_second));
        Assert.Equal(2, await RunAsync(source, s_first, s_second));
        Assert.Equal(1L, await ScalarAsync(source, "select count(*) from app.thing"));
    }

    [Fact]
    public async Task Several_processes_at_once_apply_each_script_once()
    {
        await using var source = await SourceAsync();
        var versions = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => RunAsync(source, s_first, s_second)));
        Assert.All(versions, v => Assert.Equal(2, v));
        Assert.Equal(2L, await ScalarAsync(source, "select count(*) from app.schema_version"));
    }

    [Fact]
    public async Task A_script_that_was_changed_after_it_ran_is_refused()
    {
        await using var source = await SourceAsync();
        await RunAsync(source, s_first);
        var e = await Assert.ThrowsAsync<MigrationException>(() => RunAsync(source, s_first with { Sql = s_first.Sql + " " }));
        Assert.Contains("was changed after it ran", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_ends_do_not_count_as_a_change()
    {
        await using var source = await SourceAsync();
        await RunAsync(source, new MigrationScript(1, "lines", "create table app.thing(\n id int);"));
        Assert.Equal(1, await RunAsync(source, new MigrationScript(1, "lines", "create table app.thing(\r\n id int);")));
    }

    [Fact]
    public async Task A_failing_script_leaves_nothing_behind()
    {
        await using var source = await SourceAsync();
        await RunAsync(source, s_first);
        var broken = new MigrationScript(2, "broken", "create table app.half(id int); select no_such_function();");
        var e = await Assert.ThrowsAsync<MigrationException>(() => RunAsync(source, s_first, broken));
        Assert.Contains("0002_broken", e.Message, StringComparison.Ordinal);
        Assert.Equal(0L, await ScalarAsync(source, "select count(*) from pg_tables where schemaname = 'app' and tablename = 'half'"));
        Assert.Equal(2, await RunAsync(source, s_first, s_second));
    }

    [Fact]
    public async Task A_database_newer_than_the_program_is_refused()
    {
        await using var source = await SourceAsync();
        await RunAsync(source, s_first, s_second);
        var e = await Assert.ThrowsAsync<MigrationException>(() => RunAsync(source, s_first));
        Assert.Contains("start the newer program", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_name_that_is_no_identifier_never_reaches_the_database()
    {
        await using var source = await SourceAsync();
        await Assert.ThrowsAsync<ArgumentException>(
            () => MigrationRunner.RunAsync(source, "app; drop schema public", [s_first], NullLogger.Instance, CancellationToken.None));
    }

    [Fact]
    public async Task A_dead_server_is_an_answer_within_seconds_not_a_hang()
    {
        await using var source = PostgresDataSource.Create("Host=/nowhere;Username=x;Database=x", "test");
        await Assert.ThrowsAsync<NpgsqlException>(async () => await source.OpenConnectionAsync());
    }

    private static Task<int> RunAsync(NpgsqlDataSource source, params IReadOnlyList<MigrationScript> scripts) =>
        MigrationRunner.RunAsync(source, "app", scripts, NullLogger.Instance, CancellationToken.None);

    private static async Task<NpgsqlDataSource> SourceAsync() =>
        PostgresDataSource.Create(await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync(), "tests");

    private static async Task<object?> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
