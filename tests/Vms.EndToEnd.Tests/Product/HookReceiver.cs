using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Product;

/// <summary>Somebody else's program that gets webhooks: answers each with 200 and a word, and keeps what came.</summary>
public sealed class HookReceiver : IAsyncDisposable
{
    public const string Answer = "thank you";

    private readonly HttpListener _listener = new();
    private readonly Channel<(WebHeaderCollection Headers, string Body)> _came = Channel.CreateUnbounded<(WebHeaderCollection, string)>();
    private readonly Task _answering;

    public HookReceiver()
    {
        Url = $"http://127.0.0.1:{FreePort.Tcp()}/hook";
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _answering = AnswerAsync();
    }

    public string Url { get; }

    /// <summary>The next message; it must be genuine by Standard Webhooks, with this secret.</summary>
    /// <returns>Its body.</returns>
    public async Task<string> NextGenuineAsync(string secret, CancellationToken cancellationToken)
    {
        var (headers, body) = await _came.Reader.ReadAsync(cancellationToken);
        var signed = HMACSHA256.HashData(
            Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{body}"));
        Assert.Contains("v1," + Convert.ToBase64String(signed), headers["webhook-signature"]!.Split(' '));
        return body;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _answering;
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                _came.Writer.TryWrite((new WebHeaderCollection { context.Request.Headers }, await reader.ReadToEndAsync()));
                context.Response.Close(Encoding.UTF8.GetBytes(Answer), willBlock: false);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed.
        }
    }
}
