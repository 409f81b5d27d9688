using System.Net.Http.Json;
using System.Text.Json;

namespace Vms.Control.Tests.Support;

/// <summary>Reads answers and says what came instead of what was expected.</summary>
internal static class Answers
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response, int status = 200)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"expected {status}, got {(int)response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public static async Task<JsonElement> GetJsonAsync(this HttpClient http, string path, int status = 200)
    {
        using var response = await http.GetAsync(path);
        return await response.JsonAsync(status);
    }

    public static async Task<JsonElement> PostAsync(this HttpClient http, string path, object body, int status = 200)
    {
        using var response = await http.PostAsJsonAsync(path, body);
        return await response.JsonAsync(status);
    }

    public static async Task<JsonElement> PatchAsync(this HttpClient http, string path, string json, int status = 200)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/merge-patch+json");
        using var response = await http.PatchAsync(path, content);
        return await response.JsonAsync(status);
    }

    /// <summary>Asserts an RFC 9457 problem with this code, without a trace of our code in it.</summary>
    public static async Task<JsonElement> ProblemAsync(this HttpResponseMessage response, int status, string code)
    {
        var problem = await response.JsonAsync(status);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(code, problem.Text("code"));
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.DoesNotContain("   at ", problem.GetRawText(), StringComparison.Ordinal);
        return problem;
    }

    public static string? Text(this JsonElement element, string path)
    {
        var found = Dig(element, path);
        return found.ValueKind == JsonValueKind.Null ? null : found.ToString();
    }

    public static JsonElement Dig(this JsonElement element, string path)
    {
        foreach (var name in path.Split('.'))
            element = int.TryParse(name, out var index) ? element[index] : element.GetProperty(name);
        return element;
    }

    /// <summary>The codes of the field list as <c>field:code</c>.</summary>
    public static string[] FieldCodes(this JsonElement problem) =>
        [.. problem.GetProperty("fields").EnumerateArray().Select(f => $"{f.Text("field")}:{f.Text("code")}")];
}
