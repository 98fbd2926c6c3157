/** Where the page is mounted: every URL is built on the document's base, which the server sets. */
export const basePath = new URL(document.baseURI).pathname.replace(/[^/]*$/, '');

export function siteUrl(path: string): string {
  return new URL(path.replace(/^\//, ''), document.baseURI).href;
}
