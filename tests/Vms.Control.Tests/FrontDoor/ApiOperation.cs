using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.FrontDoor;

/// <summary>One operation of the API document, and what it asks of its caller.</summary>
/// <param name="Permission">Null: only a credential.</param>
/// <param name="Scope">As <c>x-scope</c> has it.</param>
/// <param name="ContentType">Of its body; null where it has none.</param>
internal sealed record ApiOperation(string Method, string Path, string? Permission, string Scope, string? ContentType)
{
    private static readonly string[] s_methods = ["get", "put", "post", "patch", "delete"];

    /// <summary>All of them but those that are open.</summary>
    public static async Task<List<ApiOperation>> AllAsync(HttpClient caller)
    {
        var document = await caller.GetJsonAsync("/api/openapi.json");
        return
        [
            .. from path in document.GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            where s_methods.Contains(operation.Name) && operation.Value.TryGetProperty("x-scope", out _)
            let permission = operation.Value.TryGetProperty("x-permission", out var named) ? named.GetString() : null
            let body = operation.Value.TryGetProperty("requestBody", out var request) ? request.GetProperty("content").EnumerateObject().Last().Name : null
            select new ApiOperation(operation.Name.ToUpperInvariant(), path.Name, permission, operation.Value.Text("x-scope")!, body),
        ];
    }

    /// <summary>All of a problem but the request's own number.</summary>
    public static string WordsOf(JsonElement problem) =>
        string.Join(' ', problem.EnumerateObject().Where(p => p.Name != "traceId").Select(p => $"{p.Name}={p.Value}"));

    /// <param name="path">The operation's, with values for its parameters.</param>
    /// <param name="status">Another one fails.</param>
    public async Task<JsonElement> AnswerAsync(HttpClient caller, string path, int status)
    {
        Assert.False(path.Contains('{', StringComparison.Ordinal), $"no value for a parameter of {this}");
        using var response = await SendAsync(caller, path);
        Assert.True((int)response.StatusCode == status, $"{this} ({path}) answered {(int)response.StatusCode} instead of {status}");
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    /// <summary>With an empty object where it takes a body.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpClient caller, string path)
    {
        var request = new HttpRequestMessage(new HttpMethod(Method), path);
        if (ContentType is { } type)
            request.Content = new StringContent("{}", Encoding.UTF8, new MediaTypeHeaderValue(type));
        return caller.SendAsync(request);
    }

    public override string ToString() => $"{Method} {Path}";
}
