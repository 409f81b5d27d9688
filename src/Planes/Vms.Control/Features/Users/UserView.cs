using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Users;

/// <summary>An account as the API shows it. Never its password.</summary>
/// <param name="Grants">Its own; those of its groups are shown with the groups.</param>
internal sealed record UserView(
    string Id, string Username, string DisplayName, bool Enabled, DateTimeOffset CreatedAt, DateTimeOffset? LastLoginAt, bool TwoFactor, IReadOnlyList<GrantView> Grants,
    IReadOnlyList<UserGroupName> Groups) : IVersioned
{
    private const string Columns = "a.id, a.username, a.display_name, a.enabled, a.created_at, a.last_login_at, a.totp_confirmed_at is not null";

    /// <summary>Of what can be changed, as the <c>ETag</c> of an answer about this one alone has it.</summary>
    public string Version => ItemVersion.OfContent(DisplayName, Enabled, Grants, Groups.Select(g => g.Id).Order(StringComparer.Ordinal));

    /// <summary>Null when the tenant has no such account.</summary>
    public static async Task<UserView?> FindAsync(NpgsqlConnection connection, string tenantId, Guid id, CancellationToken cancellationToken) =>
        (await ListAsync(connection, "a.tenant_id = $1 and a.id = $2", [tenantId, id], cancellationToken)).FirstOrDefault();

    /// <param name="where">SQL about <c>control.account a</c>, with what follows it.</param>
    public static async Task<List<UserView>> ListAsync(NpgsqlConnection connection, string where, object?[] values, CancellationToken cancellationToken)
    {
        List<UserView> users;
        await using (var command = connection.Command($"select {Columns} from control.account a where {where}", values))
        {
            users = await command.RowsAsync(
                r => new UserView(r.GetGuid(0).ToString(), r.GetString(1), r.GetString(2), r.GetBoolean(3), r.Time(4), r.TimeOrNull(5), r.GetBoolean(6), [], []), cancellationToken);
        }

        Guid[] ids = [.. users.Select(u => Guid.Parse(u.Id))];
        var grants = await Auth.Grants.OfAsync(connection, GrantHolder.Account, ids, cancellationToken);
        await using var members = connection.Command("""
            select m.account_id, g.id, g.name from control.people_group_member m join control.people_group g on g.id = m.group_id
            where m.account_id = any($1) order by lower(g.name)
            """, (object)ids);
        var groups = (await members.RowsAsync(r => (Account: r.GetGuid(0), Group: new UserGroupName(r.GetGuid(1).ToString(), r.GetString(2))), cancellationToken))
            .ToLookup(m => m.Account, m => m.Group);
        return [.. users.Select(u => u with { Grants = [.. grants[Guid.Parse(u.Id)]], Groups = [.. groups[Guid.Parse(u.Id)]] })];
    }
}

internal sealed record UserGroupName(string Id, string Name);
