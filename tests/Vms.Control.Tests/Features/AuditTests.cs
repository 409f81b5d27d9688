using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vms.Control.Audit;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Features;

public sealed class AuditTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_sealed_is_proven_and_every_change_to_it_is_found()
    {
        await using var world = await ControlWorld.StartAsync();
        for (var i = 0; i < 6; i++)
            await world.AddCameraAsync($"Camera {i}");
        var good = await SealedAsync(world);
        Assert.Empty(good.Findings);
        Assert.True(good.Sealed >= 6);
        Assert.Equal(0, good.Waiting);
        await world.ExecuteAsync("alter table control.audit disable trigger user");      // whoever owns the database can do that

        Assert.Equal(["altered 3"], await FindingsAfterAsync(world, "update control.audit set actor = 'somebody else' where seq = 3", "update control.audit set actor = 'admin' where seq = 3"));
        Assert.Equal(["altered 3"], await FindingsAfterAsync(world, "update control.audit set at = at - interval '1 microsecond' where seq = 3", "update control.audit set at = at + interval '1 microsecond' where seq = 3"));
        Assert.Equal(
            ["altered 3"],
            await FindingsAfterAsync(
                world, "update control.audit set detail = detail || '{\"more\": 1}' where seq = 3", "update control.audit set detail = detail - 'more' where seq = 3"));
        Assert.Equal(
            ["altered 3", "altered 4", "altered 5"],
            await FindingsAfterAsync(world, Swap(3, 4), Swap(3, 4)));
        Assert.Equal(
            ["missing 4"],
            await FindingsAfterAsync(
                world, "create table taken as select * from control.audit where seq = 4; delete from control.audit where seq = 4", "insert into control.audit overriding system value select * from taken; drop table taken"));
        Assert.Equal(
            ["missing 6"],
            await FindingsAfterAsync(
                world, "create table taken as select * from control.audit where seq >= 6; delete from control.audit where seq >= 6", "insert into control.audit overriding system value select * from taken; drop table taken"));
        Assert.Empty((await VerifyAsync(world)).Findings);
    }

    [Fact]
    public async Task A_log_that_was_sealed_anew_by_somebody_without_the_key_is_found_by_its_signed_head()
    {
        await using var world = await ControlWorld.StartAsync();
        for (var i = 0; i < 4; i++)
            await world.AddCameraAsync($"Camera {i}");
        await SealedAsync(world);

        await world.ExecuteAsync("alter table control.audit disable trigger user; update control.audit set actor = 'somebody else' where seq = 2");
        var hash = AuditChain.Start;
        foreach (var entry in await EntriesAsync(world))
        {
            hash = AuditChain.Hash(hash, entry.Seq!.Value, entry);
            await using var command = world.Database.CreateCommand("update control.audit set hash = $1 where seq = $2");
            command.Parameters.Add(new NpgsqlParameter { Value = hash });
            command.Parameters.Add(new NpgsqlParameter { Value = entry.Seq });
            await command.ExecuteNonQueryAsync(Token);
        }

        Assert.Contains((await VerifyAsync(world)).Findings, f => f.Kind == "rewritten");
        await world.ExecuteAsync("update control.audit_head set hash = (select hash from control.audit order by seq desc limit 1)");
        var forged = (await VerifyAsync(world)).Findings;
        Assert.Contains(forged, f => f.Kind == "badSignature");
        Assert.Contains(forged, f => f.Kind == "rewritten");        // the head in the file beside the database is there still
    }

    [Fact]
    public async Task The_end_cannot_be_cut_off_together_with_the_heads_in_the_database()
    {
        using var outside = new TestDirectory();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Arguments = [$"--VMS_ANCHOR_DIR={outside.Path}"] });
        for (var i = 0; i < 4; i++)
            await world.AddCameraAsync($"Camera {i}");
        await SealedAsync(world);
        await world.ExecuteAsync("alter table control.audit disable trigger user; delete from control.audit where seq > 2; delete from control.audit_head");
        File.Delete(Path.Combine(world.Options.DataDirectory, "audit.head"));

        Assert.Equal(["missing 3"], (await VerifyAsync(world)).Findings.Select(f => $"{f.Kind} {f.Seq}"));
    }

    [Fact]
    public async Task An_entry_that_was_put_in_afterwards_is_at_the_end_or_waits_and_both_are_said()
    {
        await using var world = await ControlWorld.StartAsync();
        await world.AddCameraAsync("Camera");
        var before = await SealedAsync(world);
        await world.ExecuteAsync("insert into control.audit (at, actor, action, subject, detail) values (now() - interval '1 day', 'admin', 'camera.deleted', 'x', '{}')");

        await Eventually.TrueAsync(async () => (await VerifyAsync(world)).Sealed == before.Sealed + 1);     // what is written after is sealed after
        Assert.Equal("x", (await EntriesAsync(world))[^1].Subject);
    }

    [Fact]
    public async Task The_log_is_append_only()
    {
        await using var world = await ControlWorld.StartAsync();
        await world.AddCameraAsync("Camera");
        await SealedAsync(world);
        foreach (var change in (string[])["update control.audit set actor = 'x'", "delete from control.audit", "truncate control.audit", "update control.audit set seq = seq + 100, hash = hash"])
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => world.ExecuteAsync(change));
            Assert.Equal("the audit log is append-only", refused.MessageText);
        }
    }

    [Fact]
    public async Task It_is_exported_for_a_spreadsheet_and_with_its_hashes()
    {
        await using var world = await ControlWorld.StartAsync();
        await world.AddCameraAsync("=HYPERLINK(\"x\")");
        await SealedAsync(world);

        var csv = await world.Http.GetStringAsync("/api/audit/export", Token);
        Assert.StartsWith("time,user,action,subject,result,address,detail\r\n", csv.TrimStart('\uFEFF'), StringComparison.Ordinal);
        Assert.Contains("\"admin\",\"camera.created\"", csv, StringComparison.Ordinal);
        Assert.DoesNotContain(",\"=", csv, StringComparison.Ordinal);

        var lines = (await world.Http.GetStringAsync("/api/audit/export?format=jsonl", Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using var first = JsonDocument.Parse(lines[0]);
        Assert.Equal(64, first.RootElement.GetProperty("hash").GetString()!.Length);
        using var wrong = await world.Http.GetAsync("/api/audit/export?format=xml", Token);
        await wrong.ProblemAsync(400, "invalidInput");
        using var viewer = world.AsRole("viewer");
        using var refused = await viewer.GetAsync("/api/audit/export", Token);
        await refused.ProblemAsync(403, "forbidden");
    }

    private static string Swap(int a, int b) =>
        $"update control.audit set seq = -1 where seq = {a}; update control.audit set seq = {a} where seq = {b}; update control.audit set seq = {b} where seq = -1";

    private static async Task<string[]> FindingsAfterAsync(ControlWorld world, string change, string back)
    {
        await world.ExecuteAsync(change);
        var findings = (await VerifyAsync(world)).Findings.Where(f => f.Kind != "rewritten").Select(f => $"{f.Kind} {f.Seq}").ToArray();
        await world.ExecuteAsync(back);
        return findings;
    }

    private static async Task<AuditVerdict> SealedAsync(ControlWorld world)
    {
        await Eventually.TrueAsync(async () => await world.ScalarAsync("select count(*) from control.audit where seq is null") is 0L);
        return await VerifyAsync(world);
    }

    private static Task<AuditVerdict> VerifyAsync(ControlWorld world) => world.Services.GetRequiredService<AuditVerification>().RunAsync(Token);

    private static async Task<List<AuditEntry>> EntriesAsync(ControlWorld world)
    {
        var entries = new List<AuditEntry>();
        await using var command = world.Database.CreateCommand($"select {AuditEntry.Columns} from control.audit where seq is not null order by seq");
        await using var reader = await command.ExecuteReaderAsync(Token);
        while (await reader.ReadAsync(Token))
            entries.Add(AuditEntry.Read(reader));
        return entries;
    }
}
