using System.Net.Http.Json;
using System.Text.Json;
using Vms.Control.Data;
using Vms.Control.Tests.Support;
using Vms.Control.Viewing;
using Vms.Hosting;
using Vms.Testing;

namespace Vms.Control.Tests.Viewing;

/// <summary>What control tells the planes when rights are taken away, whatever takes them; one product and one database for all of it.</summary>
public sealed class RevocationTests : IAsyncLifetime
{
    /// <summary>Of the five seconds that the product promises from the change to the end of the stream.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(4);

    private ControlWorld _world = null!;
    private ViewingPlane _media = null!;
    private ViewingPlane _recorder = null!;
    private string _door = null!;
    private string _yard = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _media = new ViewingPlane(_world.Options, "media");
        _recorder = new ViewingPlane(_world.Options, "recorder");
        await _media.StartAsync();
        await _recorder.StartAsync();
        _door = (await _world.AddCameraAsync("Door")).Text("id")!;
        _yard = (await _world.AddCameraAsync("Yard")).Text("id")!;
    }

    public async ValueTask DisposeAsync()
    {
        await _media.DisposeAsync();
        await _recorder.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Both_planes_hear_of_the_camera_that_is_lost_and_nothing_of_what_is_gained()
    {
        using var anna = _world.As("anna", ("viewer", "camera", _door), ("viewer", "camera", _yard));
        var account = await AccountOfAsync("anna");
        var ticket = await TicketAsync(anna, _door);
        await KnownAsync(account);

        await GrantAsync(account, ("operator", "camera", _yard));
        await Eventually.TrueAsync(() => _media.Revocations.Any() && _recorder.Revocations.Any(), s_limit);
        var taken = Assert.Single(_media.Revocations);
        Assert.Equal((account, (Guid?)null, ViewingRight.Live | ViewingRight.Playback), (taken.AccountId, taken.SignInId, taken.Rights));
        Assert.Equal([_door], taken.CameraIds);
        Assert.True(ticket.RightsAsOf < taken.NotBefore);
        Assert.Equal(taken.Generation, Assert.Single(_recorder.Revocations).Generation);

        await GrantAsync(account, ("operator", "camera", _yard), ("viewer", "camera", _door));
        Assert.True((await TicketAsync(anna, _door)).RightsAsOf >= taken.NotBefore);
        await GrantAsync(account, ("operator", "tenant", null));
        Assert.Single(_media.Revocations);
    }

    [Fact]
    public async Task An_account_that_is_switched_off_loses_everything_and_its_sign_ins_with_it()
    {
        var user = await _world.Http.PostAsync(
            "/api/users", new { username = "berta", password = "correct horse battery", grants = new[] { new { roleId = "viewer" } } }, 201);
        var account = Guid.Parse(user.Text("id")!);
        await _world.LoginAsync("berta", "correct horse battery");
        await KnownAsync(account);
        await _world.Http.PatchAsync("/api/users/" + account, """{"enabled":false}""");
        await Eventually.TrueAsync(() => _media.Revocations.Any(r => r.SignInId is not null) && _media.Revocations.Any(r => r.SignInId is null), s_limit);
        Assert.All(_media.Revocations, r => Assert.Equal((account, null), (r.AccountId, r.CameraIds)));
    }

    [Fact]
    public async Task A_sign_in_that_is_ended_is_told_alone()
    {
        var tokens = await _world.LoginAsync();
        using var client = _world.Anonymous();
        client.DefaultRequestHeaders.Authorization = new("Bearer", tokens.AccessToken);
        var ticket = await TicketAsync(client, _door);
        using (var ended = await client.PostAsync("/api/auth/logout", null))
            ended.EnsureSuccessStatusCode();
        await Eventually.TrueAsync(() => _media.Revocations.Any(), s_limit);
        var taken = Assert.Single(_media.Revocations);
        Assert.Equal((ticket.AccountId, ticket.SignInId, ViewingRight.All), (taken.AccountId, taken.SignInId, taken.Rights));
    }

    [Fact]
    public async Task A_camera_that_is_moved_out_of_reach_is_lost()
    {
        var elsewhere = await _world.AddSiteAsync("elsewhere");
        _world.As("carl", ("viewer", "site", "elsewhere")).Dispose();
        var account = await AccountOfAsync("carl");
        await KnownAsync(account);
        await _world.Http.PatchAsync("/api/cameras/" + elsewhere, """{"siteId":"default"}""");
        await Eventually.TrueAsync(() => _media.Revocations.Any(), s_limit);
        Assert.Equal((account, ViewingRight.Live | ViewingRight.Playback), (Assert.Single(_media.Revocations).AccountId, _media.Revocations.Single().Rights));
    }

    [Fact]
    public async Task An_API_key_that_is_deleted_loses_what_it_could_see()
    {
        var key = await _world.Http.PostAsync("/api/api-keys", new { name = "wall", grants = new[] { new { roleId = "viewer" } } }, 201);
        var id = Guid.Parse(key.Text("apiKey.id")!);
        await KnownAsync(id);
        using (var deleted = await _world.Http.DeleteAsync("/api/api-keys/" + id))
            deleted.EnsureSuccessStatusCode();
        await Eventually.TrueAsync(() => _media.Revocations.Any(), s_limit);
        Assert.Equal((id, null), (Assert.Single(_media.Revocations).AccountId, _media.Revocations.Single().CameraIds));
    }

    [Fact]
    public async Task A_plane_that_was_away_gets_what_it_missed_and_one_that_lost_its_disk_gets_all()
    {
        _world.As("dora", ("viewer", "camera", _door), ("viewer", "camera", _yard)).Dispose();
        var account = await AccountOfAsync("dora");
        await KnownAsync(account);
        await GrantAsync(account, ("viewer", "camera", _yard));
        await Eventually.TrueAsync(() => _media.Mark.Generation > 0);
        var first = _media.Mark;

        await _media.StopAsync();
        await GrantAsync(account);
        await _media.StartAsync();
        await Eventually.TrueAsync(() => _media.Mark.Generation > first.Generation);
        Assert.All(_media.Lists, l => Assert.False(l.IsWhole));
        Assert.Equal(2, _media.Revocations.Count());

        _media.Lists.Clear();
        _media.Mark = new RevocationMark(first.Generation, "of another database");
        await Eventually.TrueAsync(() => !_media.Lists.IsEmpty);
        Assert.True(_media.Lists.First().IsWhole);
        Assert.Equal(2, _media.Revocations.Count());

        _media.Lists.Clear();
        (_media.IsFull, _media.Mark) = (true, first);
        await Eventually.TrueAsync(() => !_media.Lists.IsEmpty);
        Assert.True(_media.Lists.First().IsWhole);
    }

    [Fact]
    public async Task Too_many_become_one_of_all_of_the_accounts_with_most_and_at_last_one_of_everybody()
    {
        var (busy, quiet) = (Guid.NewGuid(), Guid.NewGuid());
        await using var connection = await _world.Database.OpenConnectionAsync();
        var now = TimeProvider.System.GetUtcNow();
        await RevocationRows.AddAsync(connection, quiet, null, ["old"], ViewingRight.Live, now, now.AddHours(-26), CancellationToken.None);
        foreach (var (account, camera) in ((Guid, string)[])[(quiet, "1"), (busy, "1"), (busy, "2"), (busy, "3")])
            await RevocationRows.AddAsync(connection, account, null, [camera], ViewingRight.Live, now, now, CancellationToken.None);

        Assert.Equal(0, await RevocationRows.TidyAsync(connection, 4, now, now, CancellationToken.None));     // the old one went
        Assert.Equal(1, await RevocationRows.TidyAsync(connection, 3, now, now, CancellationToken.None));
        var list = (await RevocationRows.NewerThanAsync(_world.Database, RevocationMark.None, whole: true, CancellationToken.None))!;
        Assert.Equal([(quiet, ViewingRight.Live, 1), (busy, ViewingRight.All, 0)], list.Items.Select(r => (r.AccountId!.Value, r.Rights, r.CameraIds?.Count ?? 0)));
        Assert.Null(await RevocationRows.TidyAsync(connection, 1, now, now, CancellationToken.None));
        list = (await RevocationRows.NewerThanAsync(_world.Database, list.Mark, whole: false, CancellationToken.None))!;
        Assert.True(list.IsWhole);      // what the plane knows is not there any more
        Assert.Equal(((Guid?)null, ViewingRight.All), (Assert.Single(list.Items).AccountId, list.Items[0].Rights));
    }

    [Fact]
    public async Task So_many_cameras_that_no_plane_takes_the_list_are_not_named()
    {
        var (busy, quiet) = (Guid.NewGuid(), Guid.NewGuid());
        await using var connection = await _world.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();     // nobody is to be told
        var now = TimeProvider.System.GetUtcNow();
        string[] cameras = [.. Enumerable.Range(0, RevocationRows.MaxCameras).Select(i => $"{i}")];
        await RevocationRows.AddAsync(connection, busy, null, cameras, ViewingRight.Live, now, now, CancellationToken.None);
        Assert.Equal(0, await RevocationRows.TidyAsync(connection, 10, now, now, CancellationToken.None));
        await RevocationRows.AddAsync(connection, quiet, null, ["1"], ViewingRight.Live, now, now, CancellationToken.None);
        Assert.Equal(1, await RevocationRows.TidyAsync(connection, 10, now, now, CancellationToken.None));
        await using var left = connection.Command("select account_id from control.revocation where cameras is null");
        Assert.Equal(busy, await left.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_sign_in_that_ends_is_told_also_when_the_list_is_full()
    {
        var tokens = await _world.LoginAsync();
        using var client = _world.Anonymous();
        client.DefaultRequestHeaders.Authorization = new("Bearer", tokens.AccessToken);
        var ticket = await TicketAsync(client, _door);
        await using (var full = _world.Database.CreateCommand(
            "insert into control.revocation (account_id, sign_in_id, cameras, rights, not_before, created_at) select $1, null, null, 1, now(), now() from generate_series(1, $2)"))
        {
            full.Parameters.Add(new() { Value = ticket.AccountId!.Value });
            full.Parameters.Add(new() { Value = RevokedRights.Max });
            await full.ExecuteNonQueryAsync();
        }

        using (var ended = await client.PostAsync("/api/auth/logout", null))
            ended.EnsureSuccessStatusCode();
        await Eventually.TrueAsync(() => _media.Revocations.Any(r => r.SignInId == ticket.SignInId));
        Assert.InRange(_media.Lists.Last().Items.Count, 2, RevokedRights.Max);
    }

    [Fact]
    public async Task What_was_taken_away_while_control_was_down_is_told_when_it_is_back()
    {
        _world.As("emil", ("viewer", "camera", _door), ("viewer", "camera", _yard)).Dispose();
        var account = await AccountOfAsync("emil");
        await KnownAsync(account);
        var (directory, postgres) = (_world.Directory, _world.ConnectionString);
        await _world.StopAsync();
        await using (var database = Npgsql.NpgsqlDataSource.Create(postgres))
        await using (var command = database.CreateCommand($"delete from control.role_grant where account_id = '{account}' and scope_id = '{_door}'"))
            await command.ExecuteNonQueryAsync();

        _world = await ControlWorld.StartAsync(new WorldSettings { Directory = directory, Postgres = postgres, WaitUntilReady = false });
        await Eventually.TrueAsync(() => _media.Revocations.Any());
        Assert.Equal([_door], Assert.Single(_media.Revocations).CameraIds);
    }

    private async Task<Guid> AccountOfAsync(string username) => (Guid)(await _world.ScalarAsync($"select id from control.account where username = '{username}'"))!;

    /// <summary>Control has seen that the account may view something: only then it can lose it.</summary>
    private Task KnownAsync(Guid account) => Eventually.TrueAsync(async () =>
        await _world.ScalarAsync($"select 1 from control.viewing_rights where position('{account}' in convert_from(rights, 'UTF8')) > 0") is not null);

    private async Task GrantAsync(Guid account, params (string Role, string Scope, string? ScopeId)[] grants) => await _world.Http.PatchAsync(
        "/api/users/" + account, JsonSerializer.Serialize(new { grants = grants.Select(g => new { roleId = g.Role, scope = g.Scope, scopeId = g.ScopeId }) }));

    private async Task<Ticket> TicketAsync(HttpClient client, string camera)
    {
        using var answer = await client.PostAsJsonAsync($"/api/cameras/{camera}/live", new { });
        using var verifier = new TicketVerifier(_world.Options, TimeProvider.System);
        Assert.True(verifier.TryVerify((await answer.JsonAsync(200)).Text("ticket")!, TicketKind.Live, camera, out var ticket));
        return ticket;
    }
}
