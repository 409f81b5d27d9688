using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Vms.Testing.FakeDevice.Http;

/// <summary>An answer in parts that goes on until the device or the listener ends it. One listener at a time.</summary>
public sealed class DeviceEvents
{
    private readonly Channel<byte[]> _parts = Channel.CreateUnbounded<byte[]>();

    /// <summary>Lines of the headers end with a bare line feed.</summary>
    public bool BareLineFeeds { get; init; }

    /// <summary>The parts do not say how long they are.</summary>
    public bool WithoutLength { get; init; }

    /// <summary>Added to each part's Content-Length (Hikvision counts what it does not send).</summary>
    public int LengthError { get; init; }

    public void Say(string body, string contentType) => Say(Encoding.UTF8.GetBytes(body), contentType);

    public void Say(byte[] body, string contentType)
    {
        string end = BareLineFeeds ? "\n" : "\r\n";
        string length = WithoutLength ? "" : $"Content-Length: {body.Length + LengthError}{end}";
        _parts.Writer.TryWrite([.. Encoding.ASCII.GetBytes($"Content-Type: {contentType}{end}{length}{end}"), .. body, .. Encoding.ASCII.GetBytes(end)]);
    }

    /// <summary>The device closes the answer after what was said.</summary>
    public void End() => _parts.Writer.TryComplete();

    /// <param name="contentType">With the boundary as the device writes it.</param>
    /// <param name="delimiter">What stands between the parts.</param>
    public async Task SendAsync(HttpContext context, string contentType, string delimiter, CancellationToken stopping)
    {
        context.Response.ContentType = contentType;
        byte[] line = Encoding.ASCII.GetBytes(delimiter + (BareLineFeeds ? "\n" : "\r\n"));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await context.Response.Body.FlushAsync(either.Token);
            await foreach (byte[] part in _parts.Reader.ReadAllAsync(either.Token))
            {
                await context.Response.Body.WriteAsync(line, either.Token);
                await context.Response.Body.WriteAsync(part, either.Token);
                await context.Response.Body.FlushAsync(either.Token);
            }

            await context.Response.Body.WriteAsync(line, either.Token);
        }
        catch (OperationCanceledException)
        {
            // The listener has gone, or the test is over.
        }
    }
}
