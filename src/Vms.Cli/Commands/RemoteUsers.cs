using System.Net.Http.Json;
using System.Text.Json;
using Vms.Cli.Infrastructure;

namespace Vms.Cli.Commands;

/// <summary>The verbs of vms user over the API of another machine: what the API key may do is done, and stands in that machine's audit log under the key's name.</summary>
internal sealed class RemoteUsers(RemoteServer server, TextWriter output, TextWriter errors)
{
    private const int RefusedExitCode = 1;

    /// <summary>A hundred thousand users.</summary>
    private const int MaxPages = 200;

    private sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

    private sealed record Account(string Id, string Username, bool Enabled, bool TwoFactor, IReadOnlyList<Grant> Grants);

    private sealed record Grant(string RoleId, string Scope, string? ScopeId);

    private sealed record Role(string Id, string Name);

    public async Task<int> ListAsync()
    {
        var roles = await GetAsync<Page<Role>>("api/roles");
        if (roles is null)
            return RefusedExitCode;
        var names = roles.Items.ToDictionary(r => r.Id, r => r.Name, StringComparer.Ordinal);
        return await EachAsync(async user =>
        {
            var has = user.Grants.Select(g => names.GetValueOrDefault(g.RoleId, g.RoleId) + (g.ScopeId is null ? "" : $" ({g.Scope} {g.ScopeId})"));
            await output.WriteLineAsync($"{user.Username,-24} {(user.Enabled ? "on " : "off")} {(user.TwoFactor ? "2nd factor" : "password  ")} {string.Join(", ", has)}");
            return true;
        }) ? 0 : RefusedExitCode;
    }

    public Task<int> AddAsync(string name, string password, string? role) =>
        SendAsync(HttpMethod.Post, "api/users", new { username = name, password, grants = new[] { new { roleId = role ?? "viewer" } } });

    public Task<int> SetPasswordAsync(string name, string password) => ChangeAsync(name, id => SendAsync(HttpMethod.Post, $"api/users/{id}/password", new { password }));

    public Task<int> EnableAsync(string name, bool enabled) => ChangeAsync(name, id => SendAsync(HttpMethod.Patch, $"api/users/{id}", new { enabled }));

    public Task<int> ResetTotpAsync(string name) => ChangeAsync(name, id => SendAsync(HttpMethod.Delete, $"api/users/{id}/totp", null));

    private async Task<int> ChangeAsync(string name, Func<string, Task<int>> change)
    {
        string? id = null;
        var asked = await EachAsync(user =>
        {
            if (string.Equals(user.Username, name, StringComparison.OrdinalIgnoreCase))
                id = Uri.EscapeDataString(user.Id);
            return Task.FromResult(id is null);
        });
        if (id is not null)
            return await change(id);
        if (asked)
            await errors.WriteLineAsync("vms: There is no such user");
        return RefusedExitCode;
    }

    /// <param name="look">False: that was enough.</param>
    /// <returns>False: the server refused, and it is said.</returns>
    private async Task<bool> EachAsync(Func<Account, Task<bool>> look)
    {
        string? cursor = null;
        for (int i = 0; i < MaxPages; i++)
        {
            if (await GetAsync<Page<Account>>($"api/users?limit=500{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}") is not { } page)
                return false;
            foreach (var user in page.Items)
            {
                if (!await look(user))
                    return true;
            }

            if ((cursor = page.NextCursor) is null)
                return true;
        }

        await errors.WriteLineAsync($"vms: there are more than {MaxPages} pages of users; the rest is left out");
        return true;
    }

    /// <summary>Null when the server refuses, and it is said.</summary>
    private async Task<T?> GetAsync<T>(string path) where T : class
    {
        using var answer = await server.Http.GetAsync(path);
        if (answer.IsSuccessStatusCode)
            return await answer.Content.ReadFromJsonAsync<T>() ?? throw new JsonException("null");
        await errors.WriteLineAsync($"vms: {await RemoteServer.RefusalAsync(answer)}");
        return null;
    }

    private async Task<int> SendAsync(HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await server.Http.SendAsync(request);
        if (answer.IsSuccessStatusCode)
            return 0;
        await errors.WriteLineAsync($"vms: {await RemoteServer.RefusalAsync(answer)}");
        return RefusedExitCode;
    }
}
