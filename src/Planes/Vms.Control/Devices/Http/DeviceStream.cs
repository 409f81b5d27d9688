using System.Runtime.CompilerServices;

namespace Vms.Control.Devices.Http;

/// <summary>An answer that goes on: bytes as they come. One reader; whoever opened it disposes of it.</summary>
/// <param name="place">Host and path, for messages.</param>
/// <param name="response">Owned.</param>
internal sealed class DeviceStream(string place, HttpResponseMessage response, Stream content, TimeProvider time) : IDisposable
{
    private const int ReadAtOnce = 16 << 10;

    public string Place => place;

    public string? ContentType { get; } = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : null;

    /// <summary>The next bytes; 0 at the end.</summary>
    /// <param name="silence">A device that says nothing for so long is taken for gone.</param>
    /// <exception cref="DeviceException">Unreachable: it was silent, or the connection broke.</exception>
    public async Task<int> ReadAsync(Memory<byte> buffer, TimeSpan silence, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await content.ReadAsync(buffer, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeviceException(DeviceFailure.Unreachable, $"{place} was silent for {silence.TotalSeconds:0} s");
        }
        catch (IOException e)
        {
            throw new DeviceException(DeviceFailure.Unreachable, $"{place}: the connection broke ({e.Message})", e);
        }
    }

    /// <summary>The parts of a multipart answer as they come, until the device ends it.</summary>
    /// <param name="silence">A device that says nothing for so long is taken for gone.</param>
    /// <exception cref="DeviceException">BadAnswer: it is not multipart. Unreachable: it was silent, or the connection broke.</exception>
    public async IAsyncEnumerable<MultipartPart> PartsAsync(TimeSpan silence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var parts = new MultipartParts(MultipartParts.BoundaryOf(ContentType)
            ?? throw new DeviceException(DeviceFailure.BadAnswer, $"{place} answered {ContentType ?? "nothing"}, which is not multipart"));
        var arrived = new List<MultipartPart>();
        byte[] buffer = new byte[ReadAtOnce];
        while (await ReadAsync(buffer, silence, cancellationToken) is > 0 and int read)
        {
            parts.Take(buffer.AsSpan(0, read), arrived);
            foreach (var part in arrived)
                yield return part;
            arrived.Clear();
        }
    }

    public void Dispose()
    {
        content.Dispose();
        response.Dispose();
    }
}
