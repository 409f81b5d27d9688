using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Product;

/// <summary>The public API as an integrator scripts it. Signs in again by itself when the token has expired.</summary>
public sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly (string Username, string Password) _user;

    private ApiClient(string url, string username, string password)
    {
        _http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(2) };
        _user = (username, password);
    }

    public static async Task<ApiClient> SignInAsync(string url, string username, string password)
    {
        var client = new ApiClient(url, username, password);
        await client.SignInAsync();
        return client;
    }

    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await _http.GetAsync("/health/ready");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

    /// <exception cref="HttpRequestException">With the body in the message when the answer is no success.</exception>
    public Task<JsonNode> GetAsync(string path) => CallAsync(() => _http.GetAsync(path));

    /// <inheritdoc cref="GetAsync"/>
    public Task<JsonNode> PostAsync(string path, object body) => CallAsync(() => _http.PostAsJsonAsync(path, body));

    public async Task<HttpStatusCode> DeleteAsync(string path)
    {
        using var response = await _http.DeleteAsync(path);
        return response.StatusCode;
    }

    /// <summary>Adds a camera that records continuously in short segments; answers its id.</summary>
    public async Task<string> AddCameraAsync(string name, string url, string transport = "tcp", int segmentSeconds = 10)
    {
        var camera = await PostAsync("/api/cameras", new
        {
            name,
            mainUrl = url,
            transport,
            recording = new { mode = "continuous", segmentSeconds },
        });
        return camera["id"]!.GetValue<string>();
    }

    public async Task AwaitRecordingAsync(string cameraId) =>
        await Eventually.TrueAsync(
            async () => await GetAsync($"/api/cameras/{cameraId}") is var camera
                && camera["state"]!.GetValue<string>() == "online" && camera["recording"]!["state"]!.GetValue<string>() == "recording",
            TimeSpan.FromMinutes(2));

    public void Dispose() => _http.Dispose();

    private async Task SignInAsync()
    {
        var answer = await ReadAsync(await _http.PostAsJsonAsync("/api/auth/login", new { username = _user.Username, password = _user.Password }));
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer["accessToken"]!.GetValue<string>());
    }

    private async Task<JsonNode> CallAsync(Func<Task<HttpResponseMessage>> send)
    {
        var response = await send();
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            response.Dispose();
            await SignInAsync();
            response = await send();
        }

        return await ReadAsync(response);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync();
            if (!response.IsSuccessStatusCode)
                throw new HttpRequestException($"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri}: {(int)response.StatusCode} {body}", null, response.StatusCode);
            return JsonSerializer.Deserialize<JsonNode>(body) ?? throw new InvalidDataException("empty answer");
        }
    }
}
