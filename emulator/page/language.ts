import { createContext } from 'preact';
import { useContext, useEffect } from 'preact/hooks';
import { useKept } from './kept';
import { type Language, languages, languageTags, strings, type Text } from './strings';

export const LanguageContext = createContext<Language>('zh');

/** Turns a text into the page's language and fills in its `{names}`. */
export type Translate = (text: Text, values?: { readonly [name: string]: string | number }) => string;

/** The text of a language, with its `{names}` filled in; a name without a value stays as it stands. */
export function translate(language: Language, ...[text, values = {}]: Parameters<Translate>): string {
  return text[language].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function useText(): Translate {
  const language = useContext(LanguageContext);
  return (text, values) => translate(language, text, values);
}

const isLanguage = (value: unknown): value is Language => languages.some((language) => language === value);

/** The chosen language, remembered where the browser lets a page remember. The browser's own at first. */
export function useLanguage(): [Language, (language: Language) => void] {
  const [language, setLanguage] = useKept('language', browserLanguage(), isLanguage, 'browser');
  useEffect(() => {
    document.documentElement.lang = languageTags[language];
    document.title = `kefu-cloud · ${translate(language, strings.subtitle)}`;
  }, [language]);
  return [language, setLanguage];
}

/** English where the browser is English; Chinese else. */
function browserLanguage(): Language {
  return /^en\b/i.test(navigator.language) ? 'en' : 'zh';
}
